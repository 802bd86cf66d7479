/// A commit's place in its domain's log.
///
/// Numbers count from 1 in each partition, dense and gap-free; 0 stands for the place before the
/// first commit, where a reader starts.
public struct Position: Hashable, Sendable {
  /// The partition of the domain's log, chosen by hash of the root. A log of one partition has
  /// only 0.
  public let partition: UInt32
  /// The place in that partition.
  public let number: UInt64

  public init(partition: UInt32 = 0, number: UInt64) {
    self.partition = partition
    self.number = number
  }

  /// The position of the next commit in this partition.
  public var next: Position { Position(partition: partition, number: number + 1) }
}

extension Position: CustomStringConvertible {
  public var description: String { partition == 0 ? "\(number)" : "\(partition):\(number)" }
}
