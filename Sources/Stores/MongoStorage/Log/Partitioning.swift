import EventModel

/// Which partition of a domain's log an aggregate's commits go to.
///
/// The same for ever and in every version: what was stored depends on it. So not Swift's own
/// hashing, which differs from process to process, but FNV-1a of the root's 16 bytes.
enum Partitioning {
  static func partition(of root: Root, of partitions: UInt32) -> UInt32 {
    if partitions == 1 { return 0 }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in root.bytes {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
    return UInt32(truncatingIfNeeded: (hash >> 32) % UInt64(partitions))
  }
}
