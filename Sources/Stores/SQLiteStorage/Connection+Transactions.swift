extension Connection {
  /// Runs a write transaction: atomic, and durable when it returns. Rolls back if `body` or the
  /// commit fails.
  func write<Outcome>(
    _ body: () throws(SQLiteFailure) -> Outcome
  ) throws(SQLiteFailure) -> Outcome {
    do throws(SQLiteFailure) {
      // Takes the lock at once. If a transaction began with a read, it could fail to get the lock
      // later.
      try statement("BEGIN IMMEDIATE").run()
      let outcome = try body()
      try statement("COMMIT").run()
      return outcome
    } catch {
      // After some failures SQLite has rolled back by itself. If our rollback fails, the next
      // BEGIN fails too, and reports why.
      if isInTransaction { try? statement("ROLLBACK").run() }
      throw error
    }
  }

  /// Runs `body` in a read transaction, so that all its reads see one state.
  func readConsistently<Outcome>(
    _ body: () throws(SQLiteFailure) -> Outcome
  ) throws(SQLiteFailure) -> Outcome {
    try statement("BEGIN").run()
    defer { try? statement("COMMIT").run() }
    return try body()
  }
}
