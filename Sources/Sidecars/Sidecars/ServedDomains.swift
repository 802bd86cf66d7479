import EventModel
import EventSourcing
import RPC
import Synchronization

/// The domains that a role serves. The object that serves a domain is made on first use.
///
/// A bounded LRU cache: names that clients invent take no lasting memory.
public final class ServedDomains<Served: Sendable>: Sendable {
  private struct State {
    var served: RecentlyUsed<Name, Served>
    var opening: [Name: Task<Served, any Error>] = [:]
  }

  /// Names of the served domains; nil: all are served.
  public let names: [Name]?
  private let open: @Sendable (Name) async throws -> Served
  private let state: Mutex<State>

  /// - Parameters:
  ///   - countMax: the size of the cache.
  ///   - open: makes the object that serves a domain. Must not start anything: an evicted domain
  ///     is opened again.
  public init(
    names: [Name]?, countMax: Int = .max, open: @escaping @Sendable (Name) async throws -> Served
  ) {
    self.names = names
    self.open = open
    state = Mutex(State(served: RecentlyUsed(countMax: countMax)))
  }

  /// The cached domains that the call may access, in order.
  public var opened: [Name] {
    state.withLock { $0.served.keys.sorted() }.filter(DomainScope.current.contains)
  }

  /// The object that serves the domain. Throws NOT_FOUND with the served names, and
  /// PERMISSION_DENIED if the call may not access the domain.
  public func serving(_ domain: Name) async throws -> Served {
    domain.noteTouched()
    try DomainScope.require(domain)
    if let served = state.withLock({ $0.served.use(domain) }) { return served }
    if let names, !names.contains(domain) { throw RPCStatus.notServed(domain, butOnly: names) }
    do { return try await opening(domain).value } catch let error as StorageError {
      throw EventSourcingError(error)
    }
  }

  /// Joins the opening in progress, or starts one. It leaves the table before its waiters resume,
  /// so none removes a later one. Failures are not cached.
  private func opening(_ domain: Name) -> Task<Served, any Error> {
    state.withLock { state -> Task<Served, any Error> in
      if let opening = state.opening[domain] { return opening }
      // Checked again: it may have been made since the first look.
      if let served = state.served.use(domain) { return Task { served } }
      let opening = Task {
        let result: Result<Served, any Error> = await Result { try await self.open(domain) }
        self.state.withLock { state in
          state.opening[domain] = nil
          if case .success(let served) = result { _ = state.served.add(served, for: domain) }
        }
        return try result.get()
      }
      state.opening[domain] = opening
      return opening
    }
  }
}

extension RPCStatus {
  static func notServed(_ domain: Name, butOnly names: [Name]) -> RPCStatus {
    RPCStatus(
      .notFound,
      "domain \(domain) is not served here; these are: "
        + names.map(\.text).joined(separator: ", "),
      metadata: [notServedKey: "true"])
  }

  /// True if a sidecar answers that it does not serve the domain. Another may, or this one later.
  var saysNotServed: Bool { code == .notFound && metadata[Self.notServedKey] != nil }

  private static let notServedKey = "outrider-not-served"
}

extension Result where Failure == any Error {
  fileprivate init(catching body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
