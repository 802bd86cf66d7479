import EventModel
import EventSourcing
import Synchronization

/// Domains that live as long as the process: for tests, and to try something out.
///
/// It keeps every promise of the ports but one: nothing survives it.
public final class MemoryStorage: Storage {
  private struct State {
    var domains: [Name: MemoryDomain] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())
  private let now: @Sendable () -> Timestamp

  /// Leases expire by `now`.
  public init(now: @escaping @Sendable () -> Timestamp = wallClock) {
    self.now = now
  }

  public func domain(_ name: Name) async throws(StorageError) -> any DomainStore {
    try state.withLock { state throws(StorageError) in
      if state.isClosed { throw StorageError(.unavailable, "the store in memory is closed") }
      if let domain = state.domains[name] { return domain }
      let domain = MemoryDomain(name, now: now)
      state.domains[name] = domain
      return domain
    }
  }

  public func domains() async throws(StorageError) -> [Name] {
    state.withLock { $0.domains.keys.sorted() }
  }

  public func close() async {
    state.withLock { $0.isClosed = true }
  }
}
