import EventModel
import EventSourcing

/// Work for later, ordered by due time.
struct AgendaTable {
  let connection: Connection

  /// Adds an entry, or moves an existing one.
  func enter(_ entry: AgendaEntry) throws(SQLiteFailure) {
    let writing = try connection.statement(
      """
      INSERT INTO agenda (name, root, sequence, place, due_seconds, due_nanos, tries)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET due_seconds = excluded.due_seconds,
        due_nanos = excluded.due_nanos, tries = excluded.tries
      """)
    try bind(entry.agenda, entry.key, to: writing)
    try writing.bind(5, entry.due)
    try writing.bind(7, Int64(entry.tries))
    try writing.run()
  }

  func strike(_ key: AgendaKey, from agenda: Name) throws(SQLiteFailure) {
    let writing = try connection.statement(
      "DELETE FROM agenda WHERE name = ? AND root = ? AND sequence = ? AND place = ?")
    try bind(agenda, key, to: writing)
    try writing.run()
  }

  func entries(
    of agenda: Name, after last: AgendaPlace?, dueBy time: Timestamp?, limit: Int
  ) throws(SQLiteFailure) -> [AgendaEntry] {
    let query = try connection.statement(
      """
      SELECT root, sequence, place, due_seconds, due_nanos, tries FROM agenda
      WHERE name = ? AND (due_seconds, due_nanos) <= (?, ?)
        AND (due_seconds, due_nanos, root, sequence, place) > (?, ?, ?, ?, ?)
      ORDER BY due_seconds, due_nanos, root, sequence, place LIMIT ?
      """)
    defer { query.reset() }
    try query.bind(1, agenda)
    try query.bind(2, time ?? Timestamp(seconds: .max, nanoseconds: 999_999_999))
    // The lower bound of all entries.
    try query.bind(4, last?.due ?? Timestamp(seconds: .min, nanoseconds: -1))
    try query.bind(6, last?.key.root ?? .nil)
    try query.bind(7, last?.key.sequence ?? .first)
    try query.bind(8, Int64(last?.key.index ?? 0))
    try query.bind(9, Int64(max(limit, 0)))
    var entries: [AgendaEntry] = []
    while try query.step() {
      let key = AgendaKey(
        root: try query.root(0), sequence: try query.sequence(1), index: try query.count(2))
      entries.append(
        AgendaEntry(agenda: agenda, key: key, due: query.time(3), tries: try query.count(5)))
    }
    return entries
  }

  /// The agendas that have entries: one index step for each.
  func names() throws(SQLiteFailure) -> [Name] {
    let query = try connection.statement(
      """
      WITH RECURSIVE found (name) AS (
        SELECT min(name) FROM agenda
        UNION ALL
        SELECT (SELECT min(name) FROM agenda WHERE name > found.name) FROM found
        WHERE found.name IS NOT NULL)
      SELECT name FROM found WHERE name IS NOT NULL
      """)
    defer { query.reset() }
    var names: [Name] = []
    while try query.step() { names.append(query.name(0)) }
    return names
  }

  private func bind(
    _ agenda: Name, _ key: AgendaKey, to statement: Statement
  ) throws(SQLiteFailure) {
    try statement.bind(1, agenda)
    try statement.bind(2, key.root)
    try statement.bind(3, key.sequence)
    try statement.bind(4, Int64(key.index))
  }
}

extension SQLiteDomain: AgendaStore {
  func enter(_ entries: [AgendaEntry]) async throws(StorageError) {
    for portion in entries.portions(of: Limits.group.count) {
      try await write { group throws(SQLiteFailure) in
        let agenda = AgendaTable(connection: group.connection)
        for entry in portion { try agenda.enter(entry) }
      }
    }
  }

  func strike(_ keys: [AgendaKey], from agenda: Name) async throws(StorageError) {
    for portion in keys.portions(of: Limits.group.count) {
      try await write { group throws(SQLiteFailure) in
        let table = AgendaTable(connection: group.connection)
        for key in portion { try table.strike(key, from: agenda) }
      }
    }
  }

  func entries(
    of agenda: Name, after last: AgendaPlace?, dueBy time: Timestamp?, limit: Int
  ) async throws(StorageError) -> [AgendaEntry] {
    try await read(orAbsent: []) { connection throws(SQLiteFailure) in
      try AgendaTable(connection: connection).entries(
        of: agenda, after: last, dueBy: time, limit: limit)
    }
  }

  func agendas() async throws(StorageError) -> [Name] {
    try await read(orAbsent: []) { connection throws(SQLiteFailure) in
      try AgendaTable(connection: connection).names()
    }
  }
}
