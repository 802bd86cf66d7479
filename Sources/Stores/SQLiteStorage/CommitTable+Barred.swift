import EventModel
import EventSourcing
import StatusCodes

/// Commands that ended without events, and may append none.
extension CommitTable {
  /// What the command has come to; nil where neither its events nor its end are there.
  func conclusion(
    of root: Root, commandID: String
  ) throws(SQLiteFailure) -> CommandConclusion? {
    if let recorded = try commit(of: root, commandID: commandID) { return .appended(recorded) }
    return try end(of: root, commandID: commandID).map(CommandConclusion.barred)
  }

  /// Whether any command was ever barred.
  func hasBars() throws(SQLiteFailure) -> Bool {
    let query = try connection.statement("SELECT 1 FROM barred LIMIT 1")
    defer { query.reset() }
    return try query.step()
  }

  /// How the command ended that was barred; nil for any other.
  func end(of root: Root, commandID: String) throws(SQLiteFailure) -> EndWithoutEvents? {
    let query = try connection.statement(
      "SELECT ending, code, message, trailers FROM barred WHERE root = ? AND command_id = ?")
    defer { query.reset() }
    try query.bind(1, root)
    try query.bind(2, commandID)
    guard try query.step() else { return nil }
    let refusal = ErrorStatus(
      StatusCode(number: query.integer(1)), query.text(2), trailers: query.bytes(3))
    guard let end = EndWithoutEvents(stored: query.text(0), refusal: refusal) else {
      throw .damaged("has a command with an end that is none", Damage(domain: domain, root: root))
    }
    return end
  }

  /// Bars a command that has not ended.
  func bar(
    _ commandID: String, of root: Root, as end: EndWithoutEvents
  ) throws(SQLiteFailure) {
    let insertion = try connection.statement(
      """
      INSERT INTO barred (root, command_id, ending, code, message, trailers)
      VALUES (?, ?, ?, ?, ?, ?)
      """)
    try insertion.bind(1, root)
    try insertion.bind(2, commandID)
    try insertion.bind(3, end.name)
    if let refusal = end.refusal {
      try insertion.bind(4, Int64(refusal.code.rawValue))
      try insertion.bind(5, refusal.message)
      try insertion.bind(6, refusal.trailers)
    }
    try insertion.run()
  }
}
