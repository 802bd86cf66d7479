import EventModel
import EventSourcing
import StatusCodes

/// The parked aggregates of consumers.
struct ParkedTable {
  let connection: Connection

  func park(_ aggregate: ParkedAggregate) throws(SQLiteFailure) {
    let writing = try connection.statement(
      """
      INSERT OR REPLACE INTO parked (subscription, root, first_sequence, reason, status_code,
        tries, parked_seconds, parked_nanos)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """)
    try writing.bind(1, aggregate.subscription)
    try writing.bind(2, aggregate.root)
    try writing.bind(3, aggregate.firstSequence)
    try writing.bind(4, aggregate.reason)
    try writing.bind(5, Int64(aggregate.statusCode.rawValue))
    try writing.bind(6, Int64(aggregate.tries))
    try writing.bind(7, aggregate.parkedAt)
    try writing.run()
  }

  func unpark(
    _ subscription: Name, root: Root, at first: SequenceNumber
  ) throws(SQLiteFailure) {
    let writing = try connection.statement(
      "DELETE FROM parked WHERE subscription = ? AND root = ? AND first_sequence = ?")
    try writing.bind(1, subscription)
    try writing.bind(2, root)
    try writing.bind(3, first)
    try writing.run()
  }

  func parked(by subscription: Name, root: Root) throws(SQLiteFailure) -> ParkedAggregate? {
    let query = try connection.statement(
      """
      SELECT subscription, root, first_sequence, reason, status_code, tries, parked_seconds,
        parked_nanos
      FROM parked WHERE subscription = ? AND root = ?
      """)
    defer { query.reset() }
    try query.bind(1, subscription)
    try query.bind(2, root)
    return try query.step() ? parked(query) : nil
  }

  func parked(
    by subscription: Name, after root: Root?, limit: Int
  ) throws(SQLiteFailure) -> [ParkedAggregate] {
    let query = try connection.statement(
      """
      SELECT subscription, root, first_sequence, reason, status_code, tries, parked_seconds,
        parked_nanos
      FROM parked WHERE subscription = ? AND root > ? ORDER BY root LIMIT ?
      """)
    defer { query.reset() }
    try query.bind(1, subscription)
    try query.bind(2, root?.bytes ?? [])
    try query.bind(3, Int64(max(limit, 0)))
    var aggregates: [ParkedAggregate] = []
    while try query.step() { aggregates.append(try parked(query)) }
    return aggregates
  }

  private func parked(_ row: Statement) throws(SQLiteFailure) -> ParkedAggregate {
    ParkedAggregate(
      subscription: row.name(0), root: try row.root(1), firstSequence: try row.sequence(2),
      reason: row.text(3), statusCode: StatusCode(number: row.integer(4)),
      tries: Int(row.integer(5)),
      parkedAt: row.time(6))
  }
}
