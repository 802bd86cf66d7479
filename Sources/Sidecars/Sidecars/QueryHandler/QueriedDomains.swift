import EventModel
import EventSourcing
import RPC

/// The domains that may be read. Reading creates nothing: a domain without events is empty.
public final class QueriedDomains: Sendable {
  private let storage: any Storage
  /// The names; nil where every domain may be read.
  private let served: [Name]?
  /// Pages of one book of an answer.
  private let bookBytesMax: Int
  private let gate = ConcurrencyLimit(16)

  public init(storage: any Storage, served: [Name]?, bookBytesMax: Int = 1 << 20) {
    self.storage = storage
    self.served = served
    self.bookBytesMax = bookBytesMax
  }

  /// The domain's store. Throws NOT_FOUND for a domain that is not served, and PERMISSION_DENIED
  /// for one that the call may not touch.
  func store(of domain: Name) async throws -> any DomainStore {
    domain.noteTouched()
    try DomainScope.require(domain)
    if let served, !serves(domain) { throw RPCStatus.notServed(domain, butOnly: served) }
    return try await storage.domain(domain)
  }

  /// The store of one of Outrider's own domains, for who may read the domain that it belongs to.
  func internalStore(_ domain: Name) async throws -> any DomainStore {
    try await storage.domain(domain)
  }

  /// Whether the domain exists; to be asked of one that may be read.
  func exists(_ domain: Name) async throws -> Bool { try await storage.exists(domain) }

  /// The domains that exist, of those that are served and that the call may touch. Outrider's own
  /// can be read, but are not listed.
  func names() async throws -> [Name] { try await readable().filter { !$0.isInternal } }

  private func readable() async throws -> [Name] {
    try await storage.domains().filter { DomainScope.current.contains($0) && serves($0) }
  }

  /// What was dispatched to a domain can be read where the domain can, and so can its schema; the
  /// sagas' own can be read.
  private func serves(_ domain: Name) -> Bool {
    guard let served else { return true }
    return served.contains(domain.domainOfCommands ?? domain.domainOfSchemas ?? domain)
  }

  /// Runs a read whose size is not known before, beside few others.
  func gated<Result>(_ read: () async throws -> Result) async rethrows -> Result {
    try await gate.run(read)
  }

  /// What it reads ahead counts as the call's.
  func reader(of store: any EventStore, for context: ServerContext) -> EventReader {
    EventReader(store: store, bookBytesMax: bookBytesMax, gate: gate) { try await context.hold($0) }
  }

  /// Follows causes through all domains that the call may read, Outrider's own among them: the way
  /// from an event to what a saga did leads through the saga's step.
  /// What it has in memory counts as the call's.
  func trace(for context: ServerContext) async throws -> CauseTrace {
    CauseTrace(
      domains: try await readable(), gate: gate, hold: { try await context.hold($0) },
      open: { [self] domain in try await store(of: domain) })
  }

  /// How the call's consumer of a subscription is reached.
  func link(
    for context: ServerContext, _ send: @escaping @Sendable (ConsumerMessage) async throws -> Void
  ) -> ConsumerLink {
    ConsumerLink(gate: gate, hold: { try await context.hold($0) }, send: send)
  }
}
