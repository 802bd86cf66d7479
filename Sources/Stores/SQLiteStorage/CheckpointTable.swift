import EventModel
import EventSourcing

/// The checkpoints of consumers.
struct CheckpointTable {
  let connection: Connection

  func checkpoint(of subscription: Name, partition: UInt32) throws(SQLiteFailure) -> Position {
    let query = try connection.statement(
      "SELECT position FROM checkpoints WHERE subscription = ? AND partition = ?")
    defer { query.reset() }
    try query.bind(1, subscription)
    try query.bind(2, Int64(partition))
    return Position(partition: partition, number: try query.step() ? query.number(0) : 0)
  }

  /// A lower position changes nothing.
  func advance(_ subscription: Name, to position: Position) throws(SQLiteFailure) {
    let writing = try connection.statement(
      """
      INSERT INTO checkpoints (subscription, partition, position) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET position = excluded.position WHERE position < excluded.position
      """)
    try writing.bind(1, subscription)
    try writing.bind(2, Int64(position.partition))
    try writing.bind(3, position.number)
    try writing.run()
  }
}
