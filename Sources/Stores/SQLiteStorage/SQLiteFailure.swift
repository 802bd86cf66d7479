import CSQLite
import EventSourcing
import Glibc

/// The failure of a call to SQLite.
struct SQLiteFailure: Error {
  /// SQLite's extended result code.
  let code: Int32
  let message: String
  /// The place, if a row is not in the form that this program writes.
  let damage: Damage?

  init(_ code: Int32, _ message: String, _ damage: Damage? = nil) {
    self.code = code
    self.message = message
    self.damage = damage
  }

  /// The file's content is not in the form that this program writes.
  static func damaged(_ message: String, _ damage: Damage? = nil) -> SQLiteFailure {
    SQLiteFailure(SQLITE_CORRUPT, damage.map { "\($0) \(message)" } ?? message, damage)
  }

  /// Another process locks the file.
  var isBusy: Bool { code & 0xFF == SQLITE_BUSY || code & 0xFF == SQLITE_LOCKED }

  /// True if only this write may be at fault, for example by its size, so that other writes of
  /// the group may succeed. False if the whole file cannot be written.
  var mayBeOneWrites: Bool {
    switch code & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_NOTADB:
      false
    default: true
    }
  }

  /// The error for callers of the store: names the file, but never its path. Codes:
  /// sqlite.org/rescode.html.
  func storageError(_ path: String) -> StorageError {
    let file = fileName(of: path)
    // The low byte is the primary code; the rest names the failed call.
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

/// The part after the last slash.
func fileName(of path: String) -> Substring {
  path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
}
