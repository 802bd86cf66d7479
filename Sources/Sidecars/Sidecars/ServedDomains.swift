import EventModel
import EventSourcing
import RPC
import Synchronization

/// The domains that a role serves, each with what serves it: made once, when it is first asked for.
///
/// Those that were not asked for lately are let go of, and made again when they are asked for:
/// names that strangers invent take no memory for good.
public final class ServedDomains<Served: Sendable>: Sendable {
  private struct State {
    var served: RecentlyUsed<Name, Served>
    var opening: [Name: Task<Served, any Error>] = [:]
  }

  /// The names; nil where every domain is served.
  public let names: [Name]?
  private let open: @Sendable (Name) async throws -> Served
  private let state: Mutex<State>

  /// - Parameters:
  ///   - countMax: how many are kept.
  ///   - open: makes what serves a domain. Starts nothing: it may be made more than once in a long
  ///     life.
  public init(
    names: [Name]?, countMax: Int = .max, open: @escaping @Sendable (Name) async throws -> Served
  ) {
    self.names = names
    self.open = open
    state = Mutex(State(served: RecentlyUsed(countMax: countMax)))
  }

  /// The domains that were asked for lately and that the call may touch, in order.
  public var opened: [Name] {
    state.withLock { $0.served.keys.sorted() }.filter(DomainScope.current.contains)
  }

  /// What serves the domain. Throws NOT_FOUND with the names that are served, and PERMISSION_DENIED
  /// if the call may not touch it.
  public func serving(_ domain: Name) async throws -> Served {
    domain.noteTouched()
    try DomainScope.require(domain)
    if let served = state.withLock({ $0.served.use(domain) }) { return served }
    if let names, !names.contains(domain) { throw RPCStatus.notServed(domain, butOnly: names) }
    do { return try await opening(domain).value } catch let error as StorageError {
      throw EventSourcingError(error)
    }
  }

  /// The one opening that is under way, or a new one. It ends itself, before anyone who waits for
  /// it goes on: so nobody can end another's. A failure is not remembered.
  private func opening(_ domain: Name) -> Task<Served, any Error> {
    state.withLock { state -> Task<Served, any Error> in
      if let opening = state.opening[domain] { return opening }
      // Found again: it may have been made between the two looks.
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

  /// Whether a sidecar says that it does not serve the domain: another one may, or it will later.
  var saysNotServed: Bool { code == .notFound && metadata[Self.notServedKey] != nil }

  private static let notServedKey = "outrider-not-served"
}

extension Result where Failure == any Error {
  fileprivate init(catching body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
