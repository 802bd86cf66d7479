extension Connection {
  /// All or nothing, durable when it returns. Undone where `body` or the commit fails.
  func write<Outcome>(
    _ body: () throws(SQLiteFailure) -> Outcome
  ) throws(SQLiteFailure) -> Outcome {
    do throws(SQLiteFailure) {
      // Takes the lock at once: a transaction that begins by reading could be refused it later.
      try statement("BEGIN IMMEDIATE").run()
      let outcome = try body()
      try statement("COMMIT").run()
      return outcome
    } catch {
      // After some failures SQLite has rolled back by itself. Should ours fail as well, then the
      // next BEGIN fails too, and says why.
      if isInTransaction { try? statement("ROLLBACK").run() }
      throw error
    }
  }

  /// Everything that `body` reads is from one moment.
  func readConsistently<Outcome>(
    _ body: () throws(SQLiteFailure) -> Outcome
  ) throws(SQLiteFailure) -> Outcome {
    try statement("BEGIN").run()
    defer { try? statement("COMMIT").run() }
    return try body()
  }
}
