import EventModel

extension CommitTable {
  /// Writes the commit's row, and its cause if it has one. The caller has decided that it may be
  /// written.
  func insert(_ commit: Commit, at position: Position) throws(SQLiteFailure) {
    try insertRow(of: commit, at: position)
    guard let cause = commit.origin.causingEvent else { return }
    let insertion = try connection.statement(
      "INSERT OR IGNORE INTO causes (cause, position) VALUES (?, ?)")
    try insertion.bind(1, CauseKey(cause).bytes)
    try insertion.bind(2, position.number)
    try insertion.run()
  }

  private func insertRow(of commit: Commit, at position: Position) throws(SQLiteFailure) {
    let insertion = try connection.statement(
      """
      INSERT INTO commits (position, root, first_sequence, next_sequence, commit_id, command_id,
        correlation, created_seconds, created_nanos, annotations, snapshot_sequence, pages, snapshot)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    try insertion.bind(1, position.number)
    try insertion.bind(2, commit.cover.root)
    try insertion.bind(3, commit.pages.first)
    try insertion.bind(4, commit.pages.next)
    try insertion.bind(5, commit.id)
    if let id = commit.commandID { try insertion.bind(6, id) }
    // An unbound value is NULL, and reads as empty.
    if !commit.origin.correlation.isEmpty { try insertion.bind(7, commit.origin.correlation) }
    try insertion.bind(8, commit.createdAt)
    if !commit.origin.annotations.isEmpty { try insertion.bind(10, commit.origin.annotations) }
    try commit.pages.bytes.withUnsafeBufferPointer { pages throws(SQLiteFailure) in
      try insertion.bind(12, inPlace: pages)
      guard let snapshot = commit.snapshot else { return try insertion.run() }
      try insertion.bind(11, snapshot.sequence)
      try snapshot.state.withUnsafeBufferPointer { state throws(SQLiteFailure) in
        try insertion.bind(13, inPlace: state)
        try insertion.run()
      }
    }
  }
}
