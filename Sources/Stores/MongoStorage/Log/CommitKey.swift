import Encodings
import EventModel

/// A commit's `_id`: the root and the first sequence number, as 20 bytes.
///
/// MongoDB orders binary values of one length by their bytes. So an aggregate's commits lie side
/// by side in the primary index, in their order, and that index alone refuses a second commit
/// with the same number. A tombstone's `_id` has 12 bytes, so all tombstones sort first.
enum CommitKey {
  static func commit(_ root: Root, _ first: SequenceNumber) -> BSONValue {
    .binary(root.bytes + first.rawValue.bigEndianBytes)
  }

  /// The `_id` of a tombstone's position.
  static func tombstone(_ position: Position) -> BSONValue {
    .binary(position.partition.bigEndianBytes + position.number.bigEndianBytes)
  }

  /// All commits of an aggregate that start at or after `lower`.
  static func commits(of root: Root, from lower: SequenceNumber = .first) -> BSONValue {
    ["$gte": commit(root, lower), "$lte": commit(root, last)]
  }

  /// All commits of an aggregate that start before `upper`.
  static func commits(of root: Root, before upper: SequenceNumber) -> BSONValue {
    ["$gte": commit(root, .first), "$lt": commit(root, upper)]
  }

  /// All commits of the aggregates after `root`.
  static func commits(after root: Root?) -> BSONValue {
    let end = BSONValue.binary(Bytes(repeating: 0xFF, count: 20))
    guard let root else {
      return ["$gte": .binary(Bytes(repeating: 0, count: 20)), "$lte": end]
    }
    return ["$gt": commit(root, last), "$lte": end]
  }

  private static let last = SequenceNumber(.max)
}
