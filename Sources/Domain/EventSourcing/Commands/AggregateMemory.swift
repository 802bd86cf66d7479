import EventModel
import Synchronization

/// The memory that a process has for aggregates, whatever their domains: bounded by bytes, and what
/// was not used for longest leaves first.
public final class AggregateMemory: Sendable {
  /// Where nothing else is said.
  public static let bytesMaxDefault = 64 << 20

  public let bytesMax: Int
  private let state = Mutex(State())

  /// - Parameter bytesMax: 0: nothing is kept.
  public init(bytesMax: Int = bytesMaxDefault) { self.bytesMax = bytesMax }

  /// The cache of one domain.
  func open() -> AggregateCache {
    AggregateCache(self, number: state.withLock { $0.open() })
  }

  /// The length of the list of uses; for tests.
  var useCount: Int { state.withLock { $0.uses.count } }
  var byteCount: Int { state.withLock { $0.byteCount } }

  func take(_ root: Root, from cache: Int) -> KnownAggregate? {
    state.withLock { $0.take(root, from: cache) }
  }

  func look(at root: Root, in cache: Int) -> Aggregate? {
    state.withLock { $0.caches[cache]?[root]?.aggregate.aggregate }
  }

  func put(_ aggregate: KnownAggregate, into cache: Int) {
    let byteCount = aggregate.byteCount
    guard byteCount <= bytesMax else { return }
    state.withLock { state in
      state.put(aggregate, byteCount, into: cache)
      state.evict(downTo: bytesMax)
      state.forgetOldUses()
    }
  }

  func empty(_ cache: Int) {
    // What was in it is freed outside the lock.
    _ = state.withLock { $0.empty(cache) }
  }

  func close(_ cache: Int) {
    _ = state.withLock { state in
      defer { state.caches[cache] = nil }
      return state.empty(cache)
    }
  }
}

extension AggregateMemory {
  fileprivate struct Entry {
    var aggregate: KnownAggregate
    var stamp: UInt64
  }

  fileprivate struct Use {
    let cache: Int
    let root: Root
    let stamp: UInt64
  }

  fileprivate struct State {
    /// By their numbers: none is given twice.
    var caches: [Int: [Root: Entry]] = [:]
    var lastNumber = 0
    /// Every use in order; an entry whose stamp is newer than here was used again since.
    var uses: [Use] = []
    var oldest = 0
    var stamp: UInt64 = 0
    var count = 0
    var byteCount = 0
  }
}

extension AggregateMemory.State {
  fileprivate mutating func open() -> Int {
    lastNumber += 1
    caches[lastNumber] = [:]
    return lastNumber
  }

  fileprivate mutating func take(_ root: Root, from cache: Int) -> KnownAggregate? {
    guard let entry = caches[cache]?.removeValue(forKey: root) else { return nil }
    count -= 1
    byteCount -= entry.aggregate.byteCount
    return entry.aggregate
  }

  fileprivate mutating func put(
    _ aggregate: KnownAggregate, _ bytes: Int, into cache: Int
  ) {
    let root = aggregate.aggregate.cover.root
    stamp += 1
    let entry = AggregateMemory.Entry(aggregate: aggregate, stamp: stamp)
    let old = caches[cache]?.updateValue(entry, forKey: root)
    count += old == nil ? 1 : 0
    byteCount += bytes - (old?.aggregate.byteCount ?? 0)
    uses.append(AggregateMemory.Use(cache: cache, root: root, stamp: stamp))
  }

  fileprivate mutating func evict(downTo bytesMax: Int) {
    while byteCount > bytesMax, oldest < uses.count {
      let use = uses[oldest]
      oldest += 1
      if isLast(use) { _ = take(use.root, from: use.cache) }
    }
  }

  /// Keeps the list of uses within twice the number of entries.
  fileprivate mutating func forgetOldUses() {
    guard uses.count > 2 * count + 64 else { return }
    uses = uses[oldest...].filter(isLast)
    oldest = 0
  }

  /// What was in it.
  fileprivate mutating func empty(_ cache: Int) -> [Root: AggregateMemory.Entry] {
    let entries = caches.updateValue([:], forKey: cache) ?? [:]
    count -= entries.count
    byteCount -= entries.values.reduce(0) { $0 + $1.aggregate.byteCount }
    return entries
  }

  private func isLast(_ use: AggregateMemory.Use) -> Bool {
    caches[use.cache]?[use.root]?.stamp == use.stamp
  }
}
