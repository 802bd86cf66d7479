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

  /// Another process holds the file.
  var isBusy: Bool { code & 0xFF == SQLITE_BUSY || code & 0xFF == SQLITE_LOCKED }

  /// True if other writes of the same group may succeed: the fault may be this write's own, or its
  /// size. False if the file as a whole cannot be written.
  var mayBeOneWrites: Bool {
    switch code & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_NOTADB:
      false
    default: true
    }
  }

  /// What a caller of the store is told: the file's name, but never where it lies. Codes:
  /// sqlite.org/rescode.html.
  func storageError(_ path: String) -> StorageError {
    let file = fileName(of: path)
    // The low byte is the primary code; the rest says in which call it happened.
    return switch code & 0xFF {
    case SQLITE_FULL:
      StorageError(
        .unavailable,
        "the disk is full, so \(file) did not take the write. Free some space: it goes on by itself"
      )
    case SQLITE_READONLY:
      StorageError(
        .unavailable, "\(file) is read-only (\(message)). Make it, and its directory, writable")
    case SQLITE_BUSY, SQLITE_LOCKED:
      StorageError(.unavailable, "another process keeps \(file) locked: \(message)")
    case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_PROTOCOL,
      SQLITE_NOLFS, SQLITE_PERM, SQLITE_AUTH:
      StorageError(.unavailable, "\(file) cannot be read or written: \(message)")
    case SQLITE_TOOBIG:
      StorageError(.tooLarge, "\(file) cannot hold a value of this size: \(message)")
    case SQLITE_NOTADB:
      StorageError(.incompatible, "\(file) cannot be used: \(message)")
    default:
      StorageError(
        .corrupt, "\(file) is damaged: \(message) (\(code)). Restore it from a copy", damage)
    }
  }
}

/// What comes after the last slash.
func fileName(of path: String) -> Substring {
  path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
}
