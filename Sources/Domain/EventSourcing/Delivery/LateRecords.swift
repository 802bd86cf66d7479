import EventModel
import Synchronization

/// Records of a consumer that are written later, many at a time: the last of each aggregate alone.
///
/// Nobody sees them before they are written. So they are for the one process whose subscription is
/// active, and for what may be done again: a crash loses them.
final class LateRecords: Sendable {
  private struct Entry {
    /// What the store has, as far as is known.
    var stored: SequenceNumber
    var record: ConsumerRecord
  }

  private struct State {
    var entries: [Root: Entry] = [:]
    var isActive = false
  }

  private let store: any RecordStore
  private let countMax: Int
  private let state = Mutex(State())

  /// - Parameter countMax: aggregates; the records of others are written at once.
  init(in store: any RecordStore, countMax: Int = 16_384) {
    self.store = store
    self.countMax = countMax
  }

  /// Takes records from now on. What is not written is forgotten: another process may have come
  /// further.
  func begin() { state.withLock { $0 = State(isActive: true) } }

  /// Takes no records any more.
  func end() { state.withLock { $0.isActive = false } }

  /// Nil where the store has the latest.
  func record(of root: Root) -> ConsumerRecord? { state.withLock { $0.entries[root]?.record } }

  /// - Parameter previous: where the aggregate's record was until now.
  /// - Returns: false where it is to be written at once.
  func take(_ record: ConsumerRecord, after previous: SequenceNumber) -> Bool {
    state.withLock { state in
      let known = state.entries[record.root]
      guard state.isActive, known != nil || state.entries.count < countMax else { return false }
      state.entries[record.root] = Entry(stored: known?.stored ?? previous, record: record)
      return true
    }
  }

  /// Forgets what waits to be written of an aggregate.
  ///
  /// - Returns: false where records are written at once.
  func drop(_ root: Root) -> Bool {
    state.withLock { state in
      state.entries[root] = nil
      return state.isActive
    }
  }

  func write(_ root: Root) async throws(StorageError) {
    guard let entry = state.withLock({ $0.entries[root] }) else { return }
    let isWritten = try await store.save(entry.record, after: entry.stored)
    state.withLock { state in
      // Where another process was faster, its record stands, and what it lacks comes again.
      guard isWritten, let now = state.entries[root], now.record.next != entry.record.next else {
        state.entries[root] = nil
        return
      }
      state.entries[root]?.stored = entry.record.next
    }
  }

  func writeAll() async throws(StorageError) {
    let roots = state.withLock { Array($0.entries.keys) }.sorted()
    for portion in roots.portions(of: Self.atOnce) {
      do {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for root in portion { group.addTask { try await self.write(root) } }
          try await group.waitForAll()
        }
      } catch { throw StorageError(wrapping: error) }
    }
  }

  /// Writes that are under way at a time: they share the store's transactions, and appends that
  /// come meanwhile wait for no more than these.
  private static let atOnce = 32
}
