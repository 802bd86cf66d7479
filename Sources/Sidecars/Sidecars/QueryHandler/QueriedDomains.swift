import EventModel
import EventSourcing
import RPC

/// The readable domains. Reads create nothing: a domain without events is empty.
public final class QueriedDomains: Sendable {
  private let storage: any Storage
  /// Names of the readable domains; nil: all.
  private let served: [Name]?
  /// The most bytes of pages in one book of an answer.
  private let bookBytesMax: Int
  private let gate = ConcurrencyLimit(16)

  public init(storage: any Storage, served: [Name]?, bookBytesMax: Int = 1 << 20) {
    self.storage = storage
    self.served = served
    self.bookBytesMax = bookBytesMax
  }

  /// The domain's store. Throws NOT_FOUND if the domain is not served, and PERMISSION_DENIED if
  /// the call may not access it.
  func store(of domain: Name) async throws -> any DomainStore {
    domain.noteTouched()
    try DomainScope.require(domain)
    if let served, !serves(domain) { throw RPCStatus.notServed(domain, butOnly: served) }
    return try await storage.domain(domain)
  }

  /// The store of an internal domain. Check access to the domain it belongs to first.
  func internalStore(_ domain: Name) async throws -> any DomainStore {
    try await storage.domain(domain)
  }

  /// True if the domain exists. Check access first.
  func exists(_ domain: Name) async throws -> Bool { try await storage.exists(domain) }

  /// The existing domains that are served and that the call may access. Internal domains are
  /// readable, but not listed.
  func names() async throws -> [Name] { try await readable().filter { !$0.isInternal } }

  private func readable() async throws -> [Name] {
    try await storage.domains().filter { DomainScope.current.contains($0) && serves($0) }
  }

  /// A domain's dispatched commands and its schema are served with it; internal domains of sagas
  /// must be served by name.
  private func serves(_ domain: Name) -> Bool {
    guard let served else { return true }
    return served.contains(domain.domainOfCommands ?? domain.domainOfSchemas ?? domain)
  }

  /// Limits concurrent reads of unknown size.
  func gated<Result>(_ read: () async throws -> Result) async rethrows -> Result {
    try await gate.run(read)
  }

  /// Charges the memory of read-ahead to the call.
  func reader(of store: any EventStore, for context: ServerContext) -> EventReader {
    EventReader(store: store, bookBytesMax: bookBytesMax, gate: gate) { try await context.hold($0) }
  }

  /// Follows causes through all domains that the call may read, internal ones included: the path
  /// from an event to a saga's effect leads through the saga's step. Its memory counts as the
  /// call's.
  func trace(for context: ServerContext) async throws -> CauseTrace {
    CauseTrace(
      domains: try await readable(), gate: gate, hold: { try await context.hold($0) },
      open: { [self] domain in try await store(of: domain) })
  }

  /// The connection of a subscription to the call's consumer.
  func link(
    for context: ServerContext, _ send: @escaping @Sendable (ConsumerMessage) async throws -> Void
  ) -> ConsumerLink {
    ConsumerLink(gate: gate, hold: { try await context.hold($0) }, send: send)
  }
}
