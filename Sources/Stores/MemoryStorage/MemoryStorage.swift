import EventModel
import EventSourcing
import Synchronization
import Timing

/// Domains that live as long as the process, for tests and for trying out.
///
/// Keeps every promise of the ports except durability.
public final class MemoryStorage: Storage {
  private let table = DomainTable<MemoryDomain>()
  private let isClosed = Atomic(false)
  private let now: @Sendable () -> Timestamp

  /// Leases expire by `now`.
  public init(now: @escaping @Sendable () -> Timestamp = Environment.live.now) {
    self.now = now
  }

  public func domain(_ name: Name) async throws(StorageError) -> any DomainStore {
    if isClosed.load(ordering: .relaxed) {
      throw StorageError(.unavailable, "the store in memory is closed")
    }
    return table.domain(name) { MemoryDomain(name, in: table, now: now) }
  }

  public func exists(_ name: Name) async throws(StorageError) -> Bool {
    table.existing(name) != nil
  }

  public func domains() async throws(StorageError) -> [Name] { table.names.sorted() }

  public func probe() async throws(StorageError) -> StorageCondition { StorageCondition() }

  public func close() async { isClosed.store(true, ordering: .relaxed) }
}
