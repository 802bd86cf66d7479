import EventModel

/// Barred command ids.
extension CommitTable {
  func isBarred(_ commandID: String, of root: Root) throws(SQLiteFailure) -> Bool {
    let query = try connection.statement(
      "SELECT 1 FROM barred WHERE root = ? AND command_id = ?")
    defer { query.reset() }
    try query.bind(1, root)
    try query.bind(2, commandID)
    return try query.step()
  }

  func bar(_ commandID: String, of root: Root) throws(SQLiteFailure) {
    let writing = try connection.statement(
      "INSERT OR IGNORE INTO barred (root, command_id) VALUES (?, ?)")
    try writing.bind(1, root)
    try writing.bind(2, commandID)
    try writing.run()
  }
}
