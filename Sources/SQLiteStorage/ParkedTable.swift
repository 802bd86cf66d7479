import EventModel
import EventSourcing

/// The aggregates that consumers refuse.
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
    try writing.bind(5, Int64(aggregate.statusCode))
    try writing.bind(6, Int64(aggregate.tries))
    try writing.bind(7, aggregate.parkedAt)
    try writing.run()
  }

  func unpark(_ subscription: Name, root: Root) throws(SQLiteFailure) {
    let writing = try connection.statement(
      "DELETE FROM parked WHERE subscription = ? AND root = ?")
    try writing.bind(1, subscription)
    try writing.bind(2, root)
    try writing.run()
  }

  func parked(by subscription: Name?) throws(SQLiteFailure) -> [ParkedAggregate] {
    let query = try connection.statement(
      """
      SELECT subscription, root, first_sequence, reason, status_code, tries, parked_seconds,
        parked_nanos
      FROM parked WHERE ?1 IS NULL OR subscription = ?1
      ORDER BY parked_seconds, parked_nanos, subscription, root
      """)
    defer { query.reset() }
    if let subscription { try query.bind(1, subscription) }
    var parked: [ParkedAggregate] = []
    while try query.step() {
      parked.append(
        ParkedAggregate(
          subscription: query.name(0), root: try query.root(1),
          firstSequence: try query.sequence(2),
          reason: query.text(3), statusCode: Int(query.integer(4)), tries: Int(query.integer(5)),
          parkedAt: query.time(6)))
    }
    return parked
  }
}
