import CSQLite
import EventModel
import EventSourcing

/// The layout of a domain's file, and the setup of its connections.
enum Schema {
  /// "Outr", SQLite's `application_id`: `file` and this program recognise the file by it.
  private static let application: Int64 = 0x4F75_7472

  /// Additions of each format. A new file gets all of them, an older one those it lacks. Released
  /// formats never change.
  private static let formats = [
    commitsAndConsumers, agendaAndCauses, barredCommands + upgrades,
  ]
  private static var newestFormat: Int64 { Int64(formats.count) }

  /// Rows are ordered by position, so appends go to the end of the table for any root. The index
  /// on roots includes the next number: the check for conflicts never reads a row.
  static let commitsAndConsumers = """
    CREATE TABLE commits (
      position INTEGER PRIMARY KEY, root BLOB NOT NULL, first_sequence INTEGER NOT NULL,
      next_sequence INTEGER NOT NULL, snapshot_sequence INTEGER, commit_id BLOB NOT NULL,
      command_id TEXT, correlation TEXT, created_seconds INTEGER NOT NULL,
      created_nanos INTEGER NOT NULL, annotations BLOB, pages BLOB NOT NULL, snapshot BLOB);
    CREATE UNIQUE INDEX streams ON commits (root, next_sequence);
    CREATE UNIQUE INDEX commands ON commits (root, command_id) WHERE command_id IS NOT NULL;
    CREATE INDEX snapshots ON commits (root, next_sequence) WHERE snapshot_sequence IS NOT NULL;

    CREATE TABLE checkpoints (
      subscription TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
      PRIMARY KEY (subscription, partition)) WITHOUT ROWID;
    CREATE TABLE records (
      revision INTEGER PRIMARY KEY, subscription TEXT NOT NULL, root BLOB NOT NULL,
      next_sequence INTEGER NOT NULL, updated_seconds INTEGER NOT NULL,
      updated_nanos INTEGER NOT NULL, value BLOB);
    CREATE UNIQUE INDEX records_by_root ON records (subscription, root);
    CREATE INDEX records_by_revision ON records (subscription, revision);
    CREATE TABLE parked (
      subscription TEXT NOT NULL, root BLOB NOT NULL, first_sequence INTEGER NOT NULL,
      reason TEXT NOT NULL, status_code INTEGER NOT NULL, tries INTEGER NOT NULL,
      parked_seconds INTEGER NOT NULL, parked_nanos INTEGER NOT NULL,
      PRIMARY KEY (subscription, root)) WITHOUT ROWID;
    CREATE TABLE leases (
      name TEXT PRIMARY KEY, owner TEXT, token INTEGER NOT NULL,
      expires_seconds INTEGER NOT NULL, expires_nanos INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE domain (name TEXT NOT NULL);
    """

  /// Causes have a table of their own, because an index would have to read all old commits.
  /// Commits from before the upgrade are not in it.
  private static let agendaAndCauses = """
    CREATE TABLE agenda (
      name TEXT NOT NULL, root BLOB NOT NULL, sequence INTEGER NOT NULL, place INTEGER NOT NULL,
      due_seconds INTEGER NOT NULL, due_nanos INTEGER NOT NULL, tries INTEGER NOT NULL,
      PRIMARY KEY (name, root, sequence, place)) WITHOUT ROWID;
    CREATE INDEX agenda_by_due ON agenda
      (name, due_seconds, due_nanos, root, sequence, place);

    CREATE TABLE causes (
      cause BLOB NOT NULL, position INTEGER NOT NULL,
      PRIMARY KEY (cause, position)) WITHOUT ROWID;
    """

  /// Commands that ended without events, and may append none; how they ended. The last three
  /// columns are a refusal's.
  private static let barredCommands = """
    CREATE TABLE barred (
      root BLOB NOT NULL, command_id TEXT NOT NULL, ending TEXT NOT NULL, code INTEGER,
      message TEXT, trailers BLOB, PRIMARY KEY (root, command_id)) WITHOUT ROWID;
    """

  /// The version of Outrider that raised the file to each format. Later formats keep this table:
  /// older versions read it in files that they cannot use.
  private static let upgrades = """
    CREATE TABLE upgrades (format INTEGER PRIMARY KEY, version TEXT NOT NULL);
    """

  /// Opens the file and creates missing tables. Commits are on disk when they return.
  ///
  /// - Parameter version: of Outrider, kept with the format that it gives the file.
  static func openForWriting(
    _ path: String, of domain: Name, _ access: Connection.Access, by version: String?
  ) throws(SQLiteFailure) -> Connection {
    let connection = try Connection(path, for: access)
    try connection.execute(
      """
      PRAGMA busy_timeout = \(Limits.patience.components.seconds * 1000);
      PRAGMA secure_delete = OFF;
      PRAGMA cache_size = -\(Limits.cache.writer);
      """)
    // Checked first, so that another program's file stays unchanged.
    try check(connection)
    try connection.execute(
      """
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA journal_size_limit = \(Limits.logBytes);
      """)
    connection.keepLog()
    try complete(connection, of: domain, by: version)
    return connection
  }

  /// Opens a file that a writer has open.
  static func openForReading(_ path: String) throws(SQLiteFailure) -> Connection {
    let connection = try Connection(path, for: .reading)
    connection.wait(for: Limits.patience)
    try connection.execute("PRAGMA cache_size = -\(Limits.cache.reader)")
    return connection
  }

  /// The domain of a file; nil if the file does not name one.
  static func domain(inFile path: String) throws(SQLiteFailure) -> Name? {
    try domain(in: openForReading(path))
  }

  /// Nil for a file of a format that does not name the domain.
  private static func domain(in connection: Connection) throws(SQLiteFailure) -> Name? {
    guard try has("domain", connection) else { return nil }
    let query = try connection.statement("SELECT name FROM domain")
    defer { query.reset() }
    return try query.step() ? query.name(0) : nil
  }

  /// Upgrades a new or older file to the newest format, atomically.
  private static func complete(
    _ connection: Connection, of domain: Name, by version: String?
  ) throws(SQLiteFailure) {
    try connection.execute("BEGIN IMMEDIATE")
    // Checked inside the transaction: another process may have upgraded it meanwhile.
    let found = try integer("PRAGMA user_version", connection)
    if found < newestFormat {
      for format in formats.dropFirst(Int(found)) { try connection.execute(format) }
      try connection.execute("PRAGMA user_version = \(newestFormat)")
      if let version { try note(version, connection) }
    }
    if found == 0 {
      try connection.execute("PRAGMA application_id = \(application)")
      let naming = try connection.statement("INSERT INTO domain (name) VALUES (?)")
      try naming.bind(1, domain)
      try naming.run()
    }
    try connection.execute("COMMIT")
    try check(connection)
    if let found = try self.domain(in: connection), found != domain {
      throw SQLiteFailure(
        SQLITE_NOTADB, "it holds the domain \(found), not \(domain). Give it its own name back")
    }
  }

  private static func check(_ connection: Connection) throws(SQLiteFailure) {
    if try isEmpty(connection) { return }
    let found = try (
      application: integer("PRAGMA application_id", connection),
      format: integer("PRAGMA user_version", connection)
    )
    guard found.application == application else {
      throw SQLiteFailure(
        SQLITE_NOTADB, "it is another program's. Move it away, or name another directory")
    }
    guard 1...newestFormat ~= found.format else {
      if let version = try version(ofFormat: found.format, in: connection) {
        throw SQLiteFailure(
          SQLITE_NOTADB,
          "it was written by Outrider \(version), format \(found.format); this one knows format "
            + "\(newestFormat): use \(version) or newer")
      }
      throw SQLiteFailure(
        SQLITE_NOTADB,
        "it has format \(found.format), and this version of Outrider knows \(newestFormat). "
          + "Use the version that wrote it")
    }
  }

  private static func note(
    _ version: String, _ connection: Connection
  ) throws(SQLiteFailure) {
    let noting = try connection.statement(
      "INSERT INTO upgrades (format, version) VALUES (?, ?)")
    try noting.bind(1, newestFormat)
    try noting.bind(2, version)
    try noting.run()
  }

  /// The version that raised the file to the format; nil where that was not kept.
  private static func version(
    ofFormat format: Int64, in connection: Connection
  ) throws(SQLiteFailure) -> String? {
    guard try has("upgrades", connection) else { return nil }
    let query = try connection.statement("SELECT version FROM upgrades WHERE format = ?")
    defer { query.reset() }
    try query.bind(1, format)
    return try query.step() ? query.text(0) : nil
  }

  private static func isEmpty(_ connection: Connection) throws(SQLiteFailure) -> Bool {
    try integer("SELECT count(*) FROM sqlite_schema", connection) == 0
  }

  private static func has(
    _ table: String, _ connection: Connection
  ) throws(SQLiteFailure) -> Bool {
    let query = try connection.statement("SELECT 1 FROM sqlite_schema WHERE name = ?")
    defer { query.reset() }
    try query.bind(1, table)
    return try query.step()
  }

  private static func integer(
    _ query: StaticString, _ connection: Connection
  ) throws(SQLiteFailure) -> Int64 {
    let statement = try connection.statement(query)
    defer { statement.reset() }
    return try statement.step() ? statement.integer(0) : 0
  }
}
