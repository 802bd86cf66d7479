import EventSourcing
import RPC
import Synchronization

/// The domains that may be read. Reading never creates one.
public final class QueriedDomains: Sendable {
  private let storage: any Storage
  /// The names; nil where every domain may be read.
  private let served: [String]?
  /// Pages of one book of an answer.
  private let bookBytesMax: Int
  /// Those that were found to exist; a domain never goes away.
  private let found = Mutex<[String: any DomainStore]>([:])

  public init(storage: any Storage, served: [String]?, bookBytesMax: Int = 1 << 20) {
    self.storage = storage
    self.served = served
    self.bookBytesMax = bookBytesMax
  }

  /// The domain's store; nil where nothing was ever written to it. Throws NOT_FOUND for a domain
  /// that is not served, and PERMISSION_DENIED for one that the call may not touch.
  func existing(_ domain: String) async throws -> (any DomainStore)? {
    CallNotes.current?.note(domain: domain)
    try DomainScope.require(domain)
    if let served, !served.contains(domain) {
      throw RPCStatus(
        .notFound,
        "domain \(domain) is not served here; these are: \(served.joined(separator: ", "))")
    }
    if let store = found.withLock({ $0[domain] }) { return store }
    guard try await storage.domains().contains(domain) else { return nil }
    return try await open(domain)
  }

  /// As `existing`, but waits for the domain's first event by creating its store.
  func opened(_ domain: String) async throws -> any DomainStore {
    if let store = try await existing(domain) { return store }
    return try await open(domain)
  }

  private func open(_ domain: String) async throws -> any DomainStore {
    let store = try await storage.domain(domain)
    found.withLock { $0[domain] = store }
    return store
  }

  func names() async throws -> [String] {
    let all = try await storage.domains().filter(DomainScope.current.contains)
    return served.map { served in all.filter(served.contains) } ?? all
  }

  /// What it reads ahead counts as the call's.
  func reader(of store: any EventStore, for context: ServerContext) -> EventReader {
    EventReader(store: store, bookBytesMax: bookBytesMax) { try await context.hold($0) }
  }
}
