/// An LRU cache with a bounded number of entries. A value type; its owner guards it.
///
/// `use` is inlinable, so that each module specializes it: every command looks up two values, and
/// unspecialized code asks the runtime for types each time.
/// values, and code that is not specialized asks the runtime for types each time.
public struct RecentlyUsed<Key: Hashable, Value> {
  @usableFromInline var entries: [Key: (value: Value, lastUse: UInt64)] = [:]
  @usableFromInline var clock: UInt64 = 0
  private let countMax: Int

  /// - Parameter countMax: at least 1.
  public init(countMax: Int) {
    precondition(countMax > 0, "there is room for one")
    self.countMax = countMax
  }

  public var keys: some Collection<Key> { entries.keys }
  public var values: [Value] { entries.values.map(\.value) }

  /// Returns the value and marks it as most recently used.
  @inlinable public mutating func use(_ key: Key) -> Value? {
    guard let index = entries.index(forKey: key) else { return nil }
    clock += 1
    entries.values[index].lastUse = clock
    return entries.values[index].value
  }

  /// Adds a value as the most recently used.
  ///
  /// - Returns: the evicted value: the least recently used one, or the key's previous value.
  public mutating func add(_ value: Value, for key: Key) -> Value? {
    clock += 1
    if let before = entries.updateValue((value, clock), forKey: key) { return before.value }
    guard entries.count > countMax,
      let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
    else { return nil }
    return entries.removeValue(forKey: oldest.key)?.value
  }

  public mutating func removeAll() { entries = [:] }
}
