import EventModel

/// Which partition of a domain's log an aggregate's commits go to.
///
/// The same for ever and in every version: what was stored depends on it.
enum Partitioning {
  static func partition(of root: Root, of partitions: UInt32) -> UInt32 {
    if partitions == 1 { return 0 }
    return UInt32(truncatingIfNeeded: (root.stableHash >> 32) % UInt64(partitions))
  }
}
