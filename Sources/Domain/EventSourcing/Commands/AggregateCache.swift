import EventModel
import Synchronization

/// The aggregates that commands asked for lately, so that the next command need not read them.
///
/// What is cached may be stale where another process writes too; the append's check finds out. An
/// aggregate is *taken* for the time of a command and given back with its new events, so its bytes
/// grow in place. Bounded by bytes; what was not used for longest leaves first.
final class AggregateCache: Sendable {
  fileprivate struct Entry {
    var aggregate: KnownAggregate
    var stamp: UInt64
  }

  fileprivate struct State {
    var entries: [Root: Entry] = [:]
    /// Every use in order; an entry whose stamp is newer than here was used again since.
    var uses: [(root: Root, stamp: UInt64)] = []
    var oldest = 0
    var stamp: UInt64 = 0
    var byteCount = 0
  }

  private let state = Mutex(State())
  private let bytesMax: Int

  init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// The length of the list of uses; for tests.
  var useCount: Int { state.withLock { $0.uses.count } }

  /// Takes the aggregate out. The caller holds the root's lane.
  func take(_ root: Root) -> KnownAggregate? {
    state.withLock { state in
      guard let entry = state.entries.removeValue(forKey: root) else { return nil }
      state.byteCount -= entry.aggregate.byteCount
      return entry.aggregate
    }
  }

  /// What a command is not working on just now.
  func look(at root: Root) -> Aggregate? {
    state.withLock { $0.entries[root]?.aggregate.aggregate }
  }

  func removeAll() { state.withLock { $0 = State(stamp: $0.stamp) } }

  /// Puts the aggregate in, as the one used last.
  func put(_ aggregate: KnownAggregate) {
    guard aggregate.byteCount <= bytesMax else { return }
    state.withLock { state in
      let root = aggregate.aggregate.cover.root
      state.stamp += 1
      let old = state.entries.updateValue(
        Entry(aggregate: aggregate, stamp: state.stamp), forKey: root)
      state.byteCount += aggregate.byteCount - (old?.aggregate.byteCount ?? 0)
      state.uses.append((root, state.stamp))
      state.evict(downTo: bytesMax)
      state.forgetOldUses()
    }
  }
}

extension AggregateCache.State {
  fileprivate mutating func evict(downTo bytesMax: Int) {
    while byteCount > bytesMax, oldest < uses.count {
      let use = uses[oldest]
      oldest += 1
      guard let entry = entries[use.root], entry.stamp == use.stamp else { continue }
      entries[use.root] = nil
      byteCount -= entry.aggregate.byteCount
    }
  }

  /// Keeps the list of uses within twice the number of entries.
  fileprivate mutating func forgetOldUses() {
    guard uses.count > 2 * entries.count + 64 else { return }
    uses = uses[oldest...].filter { entries[$0.root]?.stamp == $0.stamp }
    oldest = 0
  }
}
