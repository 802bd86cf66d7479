import EventModel
import EventSourcing

/// What one look at the log brings.
struct LogPortion {
  var commits: [RecordedCommit]
  /// Everything up to here was settled: by a commit in the portion, or by a tombstone.
  var settled: UInt64
  /// Positions that are empty while the one behind them is taken.
  var hole: Range<UInt64>?
  /// Whether the look ended because it was to bring no more.
  var isFull: Bool
}

/// Reading and filling the log.
extension CommitCollection {
  /// The commits behind `position`, up to a hole.
  func log(after position: Position, limit: ReadLimit) throws(MongoFailure) -> LogPortion {
    let count = Int64(max(1, limit.commits))
    let cursor = collection.find(
      [
        "partition": .int32(Int32(bitPattern: position.partition)),
        "position": ["$gt": .number(position.number)],
      ],
      [
        "sort": ["position": 1], "limit": .int64(count),
        "batchSize": .int64(min(count, Limits.documentsInBatch)),
      ])
    var portion = Portion(limit)
    var settled = position.number
    var seen = 0
    while let document = try cursor.next() {
      let number = try document.number("position")
      guard number == settled + 1 else {
        return LogPortion(
          commits: portion.commits, settled: settled, hole: settled + 1..<number, isFull: false)
      }
      if !CommitDocument.isTombstone(document),
        !portion.take(try CommitDocument.decode(document, of: domain))
      {
        return LogPortion(commits: portion.commits, settled: settled, hole: nil, isFull: true)
      }
      settled = number
      seen += 1
    }
    return LogPortion(
      commits: portion.commits, settled: settled, hole: nil, isFull: seen >= count)
  }

  /// The position of a partition's last commit; 0 where there is none.
  func head(ofPartition partition: UInt32) throws(MongoFailure) -> UInt64 {
    let last = try collection.first(
      [
        "partition": .int32(Int32(bitPattern: partition)), "position": ["$gt": 0],
        "first": ["$gte": 0],
      ],
      ["sort": ["partition": -1, "position": -1], "projection": ["position": 1]])
    return try last?.number("position") ?? 0
  }

  func isTaken(_ position: Position) throws(MongoFailure) -> Bool {
    try collection.first(
      [
        "partition": .int32(Int32(bitPattern: position.partition)),
        "position": .number(position.number),
      ], ["projection": ["_id": 1]]) != nil
  }

  /// Settles the positions with tombstones: what stands there already stays.
  func fill(_ positions: [Position], now: Timestamp) throws(MongoFailure) {
    let tombstones = positions.map { CommitDocument.tombstone(at: $0, time: now) }
    try collection.insertIfMissing(tombstones)
  }
}
