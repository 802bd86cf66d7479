import EventModel

/// A lane of a partition: one share of a durable subscription's work.
public struct SubscriptionLane: Hashable, Sendable {
  public let partition: UInt32
  /// Index in the partition, from 0.
  public let lane: UInt32

  public init(partition: UInt32, lane: UInt32) {
    self.partition = partition
    self.lane = lane
  }

  /// The lane, out of `count`, that an aggregate's commits go to.
  ///
  /// Stable across processes and versions: stored checkpoints depend on it. Mixes the root's hash
  /// once more, since its upper half chooses the partition.
  public static func lane(of root: Root, of count: Int) -> UInt32 {
    if count == 1 { return 0 }
    var hash = root.stableHash
    // The finalizer of MurmurHash3.
    hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
    return UInt32((hash ^ hash >> 33) % UInt64(count))
  }
}
