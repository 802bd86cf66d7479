import EventModel

/// A Bloom filter of parked aggregates with one hash, in memory of fixed size (Bloom, *Space/Time
/// Trade-offs in Hash Coding with Allowable Errors*, 1970).
///
/// An aggregate outside the filter is not parked, and costs no look-up. One inside is looked up
/// in the store. With 100,000 parked aggregates, the filter also matches a sixth of the others.
struct ParkedFilter {
  /// 64 KiB.
  private static let wordCount = 8192
  private var words: [UInt64] = []

  mutating func insert(_ root: Root) {
    if words.isEmpty { words = Array(repeating: 0, count: Self.wordCount) }
    let (word, bit) = place(of: root)
    words[word] |= bit
  }

  func mayContain(_ root: Root) -> Bool {
    guard !words.isEmpty else { return false }
    let (word, bit) = place(of: root)
    return words[word] & bit != 0
  }

  private func place(of root: Root) -> (word: Int, bit: UInt64) {
    // The finalizer of MurmurHash3, so that every bit depends on every byte.
    var hash = root.stableHash
    hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
    hash ^= hash >> 33
    return (Int(hash >> 6 % UInt64(Self.wordCount)), 1 << (hash & 63))
  }
}
