import EventModel
import Synchronization

/// A process's memory for cached aggregates of all domains: an LRU cache bounded by bytes.
public final class AggregateMemory: Sendable {
  /// The default bound.
  public static let bytesMaxDefault = 64 << 20

  public let bytesMax: Int
  private let state = Mutex(State())

  /// - Parameter bytesMax: 0 disables the cache.
  public init(bytesMax: Int = bytesMaxDefault) { self.bytesMax = bytesMax }

  /// A new cache, for one domain.
  func open() -> AggregateCache { AggregateCache(self, Part()) }

  /// The length of the list of uses; for tests.
  var useCount: Int { state.withLock { $0.uses.count } }
  var byteCount: Int { state.withLock { $0.byteCount } }

  func take(_ root: Root, from part: Part) -> KnownAggregate? {
    state.withLock { $0.take(root, from: part) }
  }

  func look(at root: Root, in part: Part) -> Aggregate? {
    state.withLock { _ in part.entries[root]?.aggregate.aggregate }
  }

  func put(_ aggregate: KnownAggregate, into part: Part) {
    let byteCount = aggregate.byteCount
    guard byteCount <= bytesMax else { return }
    state.withLock { state in
      state.put(aggregate, byteCount, into: part)
      state.evict(downTo: bytesMax)
      state.forgetOldUses()
    }
  }

  func empty(_ part: Part) {
    // Free the entries outside the lock.
    _ = state.withLock { $0.empty(part) }
  }
}

extension AggregateMemory {
  /// The entries of one cache.
  ///
  /// `@unchecked Sendable`: it is touched only under the memory's lock.
  final class Part: @unchecked Sendable {
    fileprivate var entries: [Root: Entry] = [:]
  }

  fileprivate struct Entry {
    var aggregate: KnownAggregate
    var stamp: UInt64
  }

  fileprivate struct Use {
    let part: Part
    let root: Root
    let stamp: UInt64

    /// Whether this is the entry's latest use.
    var isLast: Bool { part.entries[root]?.stamp == stamp }
  }

  fileprivate struct State {
    /// Every use, in order. An entry with a newer stamp was used again since.
    var uses: [Use] = []
    var oldest = 0
    var stamp: UInt64 = 0
    var count = 0
    var byteCount = 0
  }
}

extension AggregateMemory.State {
  fileprivate mutating func take(
    _ root: Root, from part: AggregateMemory.Part
  ) -> KnownAggregate? {
    guard let entry = part.entries.removeValue(forKey: root) else { return nil }
    count -= 1
    byteCount -= entry.aggregate.byteCount
    return entry.aggregate
  }

  fileprivate mutating func put(
    _ aggregate: KnownAggregate, _ bytes: Int, into part: AggregateMemory.Part
  ) {
    let root = aggregate.aggregate.cover.root
    stamp += 1
    let entry = AggregateMemory.Entry(aggregate: aggregate, stamp: stamp)
    let old = part.entries.updateValue(entry, forKey: root)
    count += old == nil ? 1 : 0
    byteCount += bytes - (old?.aggregate.byteCount ?? 0)
    uses.append(AggregateMemory.Use(part: part, root: root, stamp: stamp))
  }

  fileprivate mutating func evict(downTo bytesMax: Int) {
    while byteCount > bytesMax, oldest < uses.count {
      let use = uses[oldest]
      oldest += 1
      if use.isLast { _ = take(use.root, from: use.part) }
    }
  }

  /// Keeps the list of uses within twice the number of entries.
  fileprivate mutating func forgetOldUses() {
    guard uses.count > 2 * count + 64 else { return }
    uses = uses[oldest...].filter(\.isLast)
    oldest = 0
  }

  /// Removes and returns all entries.
  fileprivate mutating func empty(
    _ part: AggregateMemory.Part
  ) -> [Root: AggregateMemory.Entry] {
    let entries = part.entries
    part.entries = [:]
    count -= entries.count
    byteCount -= entries.values.reduce(0) { $0 + $1.aggregate.byteCount }
    return entries
  }
}
