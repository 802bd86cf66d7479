import EventModel

/// One of the parts that the work of a durable subscription is split in: a lane of a partition.
public struct SubscriptionLane: Hashable, Sendable {
  public let partition: UInt32
  /// From 0, in the partition.
  public let lane: UInt32

  public init(partition: UInt32, lane: UInt32) {
    self.partition = partition
    self.lane = lane
  }

  /// The lane of a partition that has `count` of them to which an aggregate belongs.
  ///
  /// The same for ever and in every version: stored checkpoints depend on it. The root's hash is
  /// mixed once more, since partitions are chosen by its upper half.
  public static func lane(of root: Root, of count: Int) -> UInt32 {
    if count == 1 { return 0 }
    var hash = root.stableHash
    // The finalizer of MurmurHash3.
    hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
    return UInt32((hash ^ hash >> 33) % UInt64(count))
  }
}
