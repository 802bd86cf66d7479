import CSQLite
import EventModel

/// A compiled statement, `sqlite3_stmt`: bound, stepped, reset and reused.
///
/// Parameters count from 1 and columns from 0, as in SQLite's own interface.
final class Statement {
  private let handle: OpaquePointer

  /// Takes ownership of the handle.
  init(_ handle: OpaquePointer) { self.handle = handle }

  deinit { sqlite3_finalize(handle) }

  /// Moves to the next row; returns false after the last.
  func step() throws(SQLiteFailure) -> Bool {
    let code = sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw failure(code)
    }
  }

  /// Runs a statement without rows to its end.
  func run() throws(SQLiteFailure) {
    defer { reset() }
    while try step() {}
  }

  /// Ends the read and clears all parameters. A failure here repeats that of `step`.
  func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  // MARK: Parameters

  func bind(_ index: Int32, _ value: Int64) throws(SQLiteFailure) {
    try check(sqlite3_bind_int64(handle, index, value))
  }

  func bind(_ index: Int32, _ text: String) throws(SQLiteFailure) {
    try check(sqlite3_bind_text(handle, index, text, Int32(text.utf8.count), Self.copied))
  }

  func bind(_ index: Int32, _ bytes: Bytes) throws(SQLiteFailure) {
    try check(sqlite3_bind_blob64(handle, index, bytes, UInt64(bytes.count), Self.copied))
  }

  func bind(_ index: Int32, copying bytes: UnsafeRawBufferPointer) throws(SQLiteFailure) {
    try check(
      sqlite3_bind_blob64(handle, index, bytes.baseAddress, UInt64(bytes.count), Self.copied))
  }

  /// Binds without a copy: the bytes must stay in place until `reset`.
  func bind(_ index: Int32, inPlace bytes: UnsafeBufferPointer<UInt8>) throws(SQLiteFailure) {
    // SQLite would read a missing address as NULL.
    try check(
      bytes.isEmpty
        ? sqlite3_bind_zeroblob(handle, index, 0)
        : sqlite3_bind_blob64(handle, index, bytes.baseAddress, UInt64(bytes.count), nil))
  }

  /// SQLite's `SQLITE_TRANSIENT`, a macro that Swift does not see: SQLite copies the value.
  private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  // MARK: Columns

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func byteCount(_ column: Int32) -> Int { Int(sqlite3_column_bytes(handle, column)) }

  func text(_ column: Int32) -> String {
    String(decoding: buffer(sqlite3_column_text(handle, column), column), as: UTF8.self)
  }

  func bytes(_ column: Int32) -> Bytes { withBytes(column) { Bytes($0) } }

  /// Lends the column's bytes until the next step.
  func withBytes<Result>(_ column: Int32, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result
  {
    let start = sqlite3_column_blob(handle, column)?.assumingMemoryBound(to: UInt8.self)
    return body(buffer(start, column))
  }

  private func buffer(
    _ start: UnsafePointer<UInt8>?, _ column: Int32
  ) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: start, count: start == nil ? 0 : byteCount(column))
  }

  // MARK: Failures

  private func check(_ code: Int32) throws(SQLiteFailure) {
    if code != SQLITE_OK { throw failure(code) }
  }

  private func failure(_ code: Int32) -> SQLiteFailure {
    SQLiteFailure(code, String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
  }
}
