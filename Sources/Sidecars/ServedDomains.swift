import EventModel
import EventSourcing
import RPC
import Synchronization

/// The domains that a role serves, each with what serves it; made when it is first asked for.
public final class ServedDomains<Served: Sendable>: Sendable {
  private struct State {
    var served: [Name: Served] = [:]
    var opening: [Name: Task<Served, any Error>] = [:]
  }

  /// The names; nil where every domain is served.
  public let names: [Name]?
  private let open: @Sendable (Name) async throws -> Served
  private let state = Mutex(State())

  public init(names: [Name]?, open: @escaping @Sendable (Name) async throws -> Served) {
    self.names = names
    self.open = open
  }

  /// The domains that were asked for so far and that the call may touch, in alphabetical order.
  public var opened: [String] {
    state.withLock { $0.served.keys.sorted() }.filter(DomainScope.current.contains)
  }

  /// What serves the domain. Throws NOT_FOUND with the names that are served, and PERMISSION_DENIED if
  /// the call may not touch it.
  public func serving(_ domain: Name) async throws -> Served {
    CallNotes.current?.note(domain: domain)
    try DomainScope.require(domain)
    if let served = state.withLock({ $0.served[domain] }) { return served }
    if let names, !names.contains(domain) {
      throw RPCStatus(
        .notFound,
        "domain \(domain) is not served here; these are: \(names.map(\.text).joined(separator: ", "))"
      )
    }
    return try await make(domain)
  }

  /// Two that ask at once get the same one; a failure is not remembered.
  private func make(_ domain: Name) async throws -> Served {
    let opening = state.withLock { state in
      if let opening = state.opening[domain] { return opening }
      let opening = Task { try await open(domain) }
      state.opening[domain] = opening
      return opening
    }
    let result = await opening.result
    state.withLock { state in
      state.opening[domain] = nil
      if case .success(let served) = result { state.served[domain] = served }
    }
    do { return try result.get() } catch let error as StorageError {
      throw EventSourcingError(error)
    }
  }
}
