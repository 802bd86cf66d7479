import EventModel
import Synchronization

/// A write-behind buffer of a consumer's records. Keeps only the last record of each aggregate.
///
/// Other processes do not see a record before it is written, and a crash loses it. So it serves
/// only the process with the active subscription, and only work that may be repeated.
final class LateRecords: Sendable {
  private struct Entry {
    /// The sequence number of the stored record, as far as known.
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

  /// - Parameter countMax: aggregates in the buffer; records of further ones are written at once.
  init(in store: any RecordStore, countMax: Int = 16_384) {
    self.store = store
    self.countMax = countMax
  }

  /// Starts to buffer records. Discards unwritten ones: another process may have come further.
  func begin() { state.withLock { $0 = State(isActive: true) } }

  /// Stops buffering records.
  func end() { state.withLock { $0.isActive = false } }

  /// The buffered record; nil if the store has the latest.
  func record(of root: Root) -> ConsumerRecord? { state.withLock { $0.entries[root]?.record } }

  /// - Parameter previous: the sequence number of the aggregate's record until now.
  /// - Returns: false if the caller must write it at once.
  func take(_ record: ConsumerRecord, after previous: SequenceNumber) -> Bool {
    state.withLock { state in
      let known = state.entries[record.root]
      guard state.isActive, known != nil || state.entries.count < countMax else { return false }
      state.entries[record.root] = Entry(stored: known?.stored ?? previous, record: record)
      return true
    }
  }

  /// Discards an aggregate's buffered record.
  ///
  /// - Returns: false if the buffer is off, so records are written at once.
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
      // If another process was faster, its record stands, and the missing events come again.
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

  /// Concurrent writes: they share the store's transactions, and an append waits for no more than
  /// these.
  private static let atOnce = 32
}
