import CSQLite
import Glibc

/// An open SQLite database, `sqlite3`: used by one thread at a time, closed by `deinit`.
final class Connection {
  let path: String
  private let handle: OpaquePointer
  private var patience: Duration?
  /// Pages in the write-ahead log after the last commit here, and at its last copy.
  private var pagesInLog = 0
  private var pagesCopied = 0
  private var syncsCommits = true
  /// Keyed by the address of the text, which identifies a literal.
  private var statements: [UnsafePointer<UInt8>: Statement] = [:]

  enum Access {
    case reading
    case writing
    /// Writing; creates a missing file.
    case creating

    fileprivate var flags: Int32 {
      switch self {
      case .reading: SQLITE_OPEN_READONLY
      case .writing: SQLITE_OPEN_READWRITE
      case .creating: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    }
  }

  init(_ path: String, for access: Access) throws(SQLiteFailure) {
    if access == .creating { Self.createForOwner(path) }
    var handle: OpaquePointer?
    // No mutex: in SQLite's "multi-thread" mode any thread may use a connection, one at a time.
    let flags = access.flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = sqlite3_open_v2(path, &handle, flags, nil)
    guard let handle else { throw SQLiteFailure(code, "no memory to open it") }
    self.path = path
    self.handle = handle
    // Stored before the check, because a connection that failed to open must also be closed.
    try check(code)
  }

  deinit {
    statements.removeAll()
    let code = sqlite3_close(handle)
    assert(code == SQLITE_OK, "all statements are finalized before their connection")
  }

  /// The statement with this text, compiled once for each connection.
  func statement(_ sql: StaticString) throws(SQLiteFailure) -> Statement {
    if let statement = statements[sql.utf8Start] { return statement }
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v3(
      handle, sql.utf8Start, Int32(sql.utf8CodeUnitCount), UInt32(SQLITE_PREPARE_PERSISTENT),
      &prepared, nil)
    try check(code)
    guard let prepared else { preconditionFailure("\(sql) is a statement") }
    let statement = Statement(prepared)
    statements[sql.utf8Start] = statement
    return statement
  }

  /// Runs statements without parameters, and ignores their rows.
  func execute(_ sql: String) throws(SQLiteFailure) {
    try check(sqlite3_exec(handle, sql, nil, nil, nil))
  }

  /// Sets how long to wait while another process locks the file.
  func wait(for patience: Duration) {
    if patience == self.patience { return }
    self.patience = patience
    sqlite3_busy_timeout(handle, Int32(patience.components.seconds * 1000))
  }

  /// Lets the write-ahead log grow until `copyLog`, and counts its pages.
  func keepLog() {
    sqlite3_wal_hook(
      handle,
      { connection, _, _, pages in
        if let connection {
          Unmanaged<Connection>.fromOpaque(connection).takeUnretainedValue().logHas(Int(pages))
        }
        return SQLITE_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  private func logHas(_ pages: Int) {
    // The log restarted, after all of it was copied.
    if pages < pagesInLog { pagesCopied = 0 }
    pagesInLog = pages
  }

  /// Pages added to the write-ahead log since the last copy.
  var pagesToCopy: Int { pagesInLog - pagesCopied }

  /// Sets whether a commit is on disk when it returns, with all those before it. If not, a power
  /// failure may undo the last commits, but never one before them
  /// (sqlite.org/pragma.html#pragma_synchronous, NORMAL in WAL mode).
  func syncCommits(_ syncs: Bool) throws(SQLiteFailure) {
    if syncs == syncsCommits { return }
    try execute("PRAGMA synchronous = \(syncs ? "FULL" : "NORMAL")")
    syncsCommits = syncs
  }

  /// Copies the write-ahead log to the main file (a checkpoint), except pages that would replace
  /// those a reader needs.
  func copyLog() throws(SQLiteFailure) {
    try check(sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil))
    pagesCopied = pagesInLog
  }

  /// The number of rows that the last statement changed.
  var changes: Int { Int(sqlite3_changes(handle)) }

  /// Whether a transaction is open.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// Whether the file was moved or deleted, so that writes would be lost.
  var hasMoved: Bool {
    var moved: Int32 = 0
    let code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
    return code == SQLITE_OK && moved != 0
  }

  /// Creates a missing file, which SQLite reads as an empty database. A file that SQLite creates
  /// would be readable by others; the log and the index beside a file get its mode. A failure
  /// shows when SQLite opens the file.
  ///
  /// Does not open an existing file: closing it would release this process's locks on it.
  private static func createForOwner(_ path: String) {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor >= 0 { Glibc.close(descriptor) }
  }

  private func check(_ code: Int32) throws(SQLiteFailure) {
    if code != SQLITE_OK { throw SQLiteFailure(code, String(cString: sqlite3_errmsg(handle))) }
  }
}
