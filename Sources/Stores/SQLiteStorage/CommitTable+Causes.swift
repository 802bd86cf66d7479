import EventModel
import EventSourcing

extension CommitTable {
  /// The effects of the given events, up to the limit, or up to damage.
  func effects(
    of causes: [EventRange], after last: RecordedCommit?, limit: ReadLimit
  ) throws(SQLiteFailure) -> [RecordedCommit] {
    var portion = Portion<RecordedCommit>(limit)
    // In one transaction, because each query by itself would lock and unlock the file.
    try connection.readConsistently { () throws(SQLiteFailure) in
      do throws(SQLiteFailure) {
        for span in CauseSpan.spans(of: causes, after: last) {
          if try !read(span, into: &portion) { break }
        }
      } catch {
        if portion.entries.isEmpty { throw error }
      }
    }
    return portion.entries
  }

  /// Returns false if the portion is full.
  private func read(
    _ span: CauseSpan, into portion: inout Portion<RecordedCommit>
  ) throws(SQLiteFailure) -> Bool {
    let query = try connection.statement(
      """
      SELECT commits.position, root, first_sequence, next_sequence, snapshot_sequence, commit_id,
        command_id, correlation, created_seconds, created_nanos, annotations, pages, snapshot
      FROM causes CROSS JOIN commits ON commits.position = causes.position
      WHERE (causes.cause, causes.position) > (?, ?) AND causes.cause < ?
      ORDER BY causes.cause, causes.position
      """)
    defer { query.reset() }
    try query.bind(1, span.lower.bytes)
    try query.bind(2, span.position?.number ?? 0)
    try query.bind(3, span.upper.bytes)
    while try query.step() {
      let effect = try recordedCommit(query)
      if span.holds(effect), !portion.take(effect) { return false }
    }
    return true
  }
}
