import CSQLite
import EventSourcing
import Glibc

/// A call to SQLite that did not succeed.
struct SQLiteFailure: Error {
  /// SQLite's extended result code.
  let code: Int32
  let message: String
  /// Where, if what is in a row is not what this program writes.
  let damage: Damage?

  init(_ code: Int32, _ message: String, _ damage: Damage? = nil) {
    self.code = code
    self.message = message
    self.damage = damage
  }

  /// What is in the file is not what this program writes.
  static func damaged(_ message: String, _ damage: Damage? = nil) -> SQLiteFailure {
    SQLiteFailure(SQLITE_CORRUPT, damage.map { "\($0) \(message)" } ?? message, damage)
  }

  /// True if other writes of the same group may succeed: the fault may be this write's own, or its
  /// size. False if the file as a whole cannot be written.
  var mayBeOneWrites: Bool {
    switch code & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_NOTADB:
      false
    default: true
    }
  }

  /// What a caller of the store is told. Codes: sqlite.org/rescode.html.
  func storageError(_ path: String) -> StorageError {
    // The low byte is the primary code; the rest says in which call it happened.
    switch code & 0xFF {
    case SQLITE_FULL:
      StorageError(
        .unavailable,
        "the disk is full, so \(path) did not take the write. Free some space: it goes on by itself"
      )
    case SQLITE_READONLY:
      StorageError(
        .unavailable, "\(path) is read-only (\(message)). Make it, and its directory, writable")
    case SQLITE_BUSY, SQLITE_LOCKED:
      StorageError(.unavailable, "another process keeps \(path) locked: \(message)")
    case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_PROTOCOL,
      SQLITE_NOLFS, SQLITE_PERM, SQLITE_AUTH:
      StorageError(.unavailable, "\(path) cannot be read or written: \(message)")
    case SQLITE_TOOBIG:
      StorageError(.tooLarge, "\(path) cannot hold a value of this size: \(message)")
    case SQLITE_NOTADB:
      StorageError(.incompatible, "\(path) cannot be used: \(message)")
    default:
      StorageError(
        .corrupt, "\(path) is damaged: \(message) (\(code)). Restore it from a copy", damage)
    }
  }
}
