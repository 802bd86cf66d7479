import EventModel
import EventSourcing

/// The result of one read of the log.
struct LogPortion {
  var commits: [RecordedCommit] = []
  /// Every position up to here is settled, by a commit in the portion or by a tombstone.
  var settled: UInt64
  /// Empty positions before one that is taken.
  var hole: Range<UInt64>?
  /// As many positions as requested were settled, so there may be more.
  var isFull = false
}

/// Reads and fills the log.
///
/// Positions are dense, so every query asks for a narrow range of them. It costs the same at any
/// length of the log, even on a server that does not sort by an index.
extension CommitCollection {
  /// The commits after `position`, up to a hole.
  func log(after position: Position, limit: ReadLimit) throws(MongoFailure) -> LogPortion {
    let count = UInt64(max(1, limit.count))
    let (partition, first) = (position.partition, position.number)
    let (last, isBeyondAll) = first.addingReportingOverflow(count)
    if isBeyondAll { return LogPortion(settled: first) }
    let cursor = collection.find(
      range(partition, ["$gt": .number(first), "$lte": .number(last)]),
      ["sort": ["position": 1], "batchSize": .int64(Int64(min(count, Limits.documentsInBatch)))])
    var portion = Portion<RecordedCommit>(limit)
    var settled = first
    while let document = try cursor.next() {
      let number = try document.number("position")
      guard number == settled + 1 else {
        return LogPortion(
          commits: portion.entries, settled: settled, hole: settled + 1..<number)
      }
      do throws(MongoFailure) {
        if !CommitDocument.isTombstone(document),
          !portion.take(try CommitDocument.decode(document, of: domain))
        {
          break
        }
      } catch {
        // Return the commits before the damage; the read that begins at it throws.
        if settled == first { throw error }
        break
      }
      settled = number
    }
    if settled > first {
      return LogPortion(commits: portion.entries, settled: settled, isFull: settled == last)
    }
    let next = try self.first(behind: last, in: partition)
    return LogPortion(settled: first, hole: next.map { first + 1..<$0 })
  }

  /// The first taken position after `number`.
  private func first(
    behind number: UInt64, in partition: UInt32
  ) throws(MongoFailure) -> UInt64? {
    try collection.first(
      range(partition, ["$gt": .number(number)]),
      ["sort": ["position": 1], "projection": ["position": 1]])?.number("position")
  }

  /// The position of the partition's last commit after `number`; nil if there is none.
  func lastCommit(behind number: UInt64, in partition: UInt32) throws(MongoFailure) -> UInt64? {
    var query = range(partition, ["$gt": .number(number)])
    query.append("first", ["$gte": 0])
    return try last(query)
  }

  /// The last position after `number` that a commit or a tombstone takes.
  func lastTaken(behind number: UInt64, in partition: UInt32) throws(MongoFailure) -> UInt64? {
    try last(range(partition, ["$gt": .number(number)]))
  }

  private func last(_ query: BSONDocument) throws(MongoFailure) -> UInt64? {
    try collection.first(
      query, ["sort": ["position": -1], "projection": ["position": 1]])?.number("position")
  }

  /// Moves the end to the last position before the first empty one.
  func extend(_ end: inout SettledEnd, in partition: UInt32) throws(MongoFailure) {
    let count = Limits.positionsLookedAt
    var asked: UInt64
    repeat {
      asked = end.position + count
      let cursor = collection.find(
        range(partition, ["$gt": .number(end.position), "$lte": .number(asked)]),
        [
          "sort": ["position": 1], "projection": ["position": 1, "tombstone": 1],
          "batchSize": .int64(Int64(count)),
        ])
      while let document = try cursor.next(), try document.number("position") == end.position + 1 {
        end.position += 1
        if !CommitDocument.isTombstone(document) { end.commit = end.position }
      }
    } while end.position == asked
  }

  private func range(_ partition: UInt32, _ positions: BSONValue) -> BSONDocument {
    ["partition": .int32(Int32(bitPattern: partition)), "position": positions]
  }

  func isTaken(_ position: Position) throws(MongoFailure) -> Bool {
    try collection.first(
      [
        "partition": .int32(Int32(bitPattern: position.partition)),
        "position": .number(position.number),
      ], ["projection": ["_id": 1]]) != nil
  }

  /// Fills the positions with tombstones. Taken positions stay as they are.
  func fill(_ positions: [Position], now: Timestamp) throws(MongoFailure) {
    let tombstones = positions.map { CommitDocument.tombstone(at: $0, time: now) }
    try collection.insertIfMissing(tombstones)
  }
}
