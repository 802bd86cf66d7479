import EventModel
import EventSourcing

/// What each consumer made of each aggregate. A row's place is its revision: a record that changes
/// moves to the end.
struct RecordTable {
  let connection: Connection

  /// Of the subscription's latest change; 0 where there was none.
  func revision(of subscription: Name) throws(SQLiteFailure) -> Revision {
    let query = try connection.statement(
      "SELECT max(revision) FROM records WHERE subscription = ?")
    defer { query.reset() }
    try query.bind(1, subscription)
    return try query.step() ? query.revision(0) : 0
  }

  func record(of subscription: Name, root: Root) throws(SQLiteFailure) -> ConsumerRecord? {
    let query = try connection.statement(
      """
      SELECT subscription, root, next_sequence, value, updated_seconds, updated_nanos, revision
      FROM records WHERE subscription = ? AND root = ?
      """)
    defer { query.reset() }
    try query.bind(1, subscription)
    try query.bind(2, root)
    return try query.step() ? record(query) : nil
  }

  func records(
    of subscription: Name, after root: Root?, limit: ReadLimit
  ) throws(SQLiteFailure) -> [ConsumerRecord] {
    let query = try connection.statement(
      """
      SELECT subscription, root, next_sequence, value, updated_seconds, updated_nanos, revision
      FROM records WHERE subscription = ? AND root > ? ORDER BY root LIMIT ?
      """)
    defer { query.reset() }
    try query.bind(1, subscription)
    try query.bind(2, root?.bytes ?? [])
    try query.bind(3, Int64(max(limit.count, 1)))
    return try records(query, limit)
  }

  func changes(
    of subscription: Name, after revision: Revision, limit: ReadLimit
  ) throws(SQLiteFailure) -> [ConsumerRecord] {
    let query = try connection.statement(
      """
      SELECT subscription, root, next_sequence, value, updated_seconds, updated_nanos, revision
      FROM records WHERE subscription = ? AND revision > ? ORDER BY revision LIMIT ?
      """)
    defer { query.reset() }
    try query.bind(1, subscription)
    try query.bind(2, revision)
    try query.bind(3, Int64(max(limit.count, 1)))
    return try records(query, limit)
  }

  /// The first event of the aggregate that the subscription has not handled.
  func next(of subscription: Name, root: Root) throws(SQLiteFailure) -> SequenceNumber {
    let query = try connection.statement(
      "SELECT next_sequence FROM records WHERE subscription = ? AND root = ?")
    defer { query.reset() }
    try query.bind(1, subscription)
    try query.bind(2, root)
    return try query.step() ? query.sequence(0) : .first
  }

  func write(_ record: ConsumerRecord, revision: Revision) throws(SQLiteFailure) {
    let writing = try connection.statement(
      """
      INSERT OR REPLACE INTO records
        (revision, subscription, root, next_sequence, updated_seconds, updated_nanos, value)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """)
    try writing.bind(1, revision)
    try writing.bind(2, record.subscription)
    try writing.bind(3, record.root)
    try writing.bind(4, record.next)
    try writing.bind(5, record.updatedAt)
    guard let value = record.value else { return try writing.run() }
    try value.withUnsafeBufferPointer { value throws(SQLiteFailure) in
      try writing.bind(7, inPlace: value)
      try writing.run()
    }
  }

  /// Removes some of a subscription's records.
  ///
  /// - Returns: how many.
  func remove(_ subscription: Name, limit: Int) throws(SQLiteFailure) -> Int {
    let removing = try connection.statement(
      """
      DELETE FROM records WHERE revision IN
        (SELECT revision FROM records WHERE subscription = ? LIMIT ?)
      """)
    try removing.bind(1, subscription)
    try removing.bind(2, Int64(max(limit, 1)))
    try removing.run()
    return connection.changes
  }

  /// Of all subscriptions.
  func lastRevision() throws(SQLiteFailure) -> Revision {
    let query = try connection.statement("SELECT max(revision) FROM records")
    defer { query.reset() }
    return try query.step() ? query.revision(0) : 0
  }

  // MARK: Rows

  private func records(
    _ query: Statement, _ limit: ReadLimit
  ) throws(SQLiteFailure) -> [ConsumerRecord] {
    var portion = Portion<ConsumerRecord>(limit)
    while try query.step(), portion.admits(query.byteCount(3)) {
      portion.append(try record(query))
    }
    return portion.entries
  }

  private func record(_ row: Statement) throws(SQLiteFailure) -> ConsumerRecord {
    ConsumerRecord(
      subscription: row.name(0), root: try row.root(1), next: try row.sequence(2),
      value: row.isNull(3) ? nil : row.bytes(3), updatedAt: row.time(4),
      revision: try row.revision(6))
  }
}
