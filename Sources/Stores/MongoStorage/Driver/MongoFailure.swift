import CMongoC
import EventSourcing

/// The failure of a call to the server.
struct MongoFailure: Error, Equatable {
  enum Kind: Equatable {
    /// A unique index has the key already: nothing was written.
    case duplicateKey
    /// No server took the call: nothing happened.
    case away
    /// The server was unreachable, failed, or stepped down: the operation may have happened.
    case unreachable
    /// The server denies this user access or this operation.
    case denied
    /// The document exceeds the server's limit.
    case tooLarge
    /// A document is not in the form that this program writes.
    case damaged
    /// This program cannot use the database as it is.
    case incompatible
    /// Any other error of the server.
    case refused
  }

  let kind: Kind
  let message: String
  /// The place, if a document is not in the form that this program writes.
  let damage: Damage?

  init(_ kind: Kind, _ message: String, _ damage: Damage? = nil) {
    self.kind = kind
    self.message = message
    self.damage = damage
  }

  static func damaged(_ message: String, _ damage: Damage? = nil) -> MongoFailure {
    MongoFailure(.damaged, damage.map { "\($0) \(message)" } ?? message, damage)
  }

  /// Maps libmongoc's error. Domains: mongoc_errors(3); in version 2 of the error interface, a
  /// server's own codes come under `MONGOC_ERROR_SERVER`.
  init(_ error: bson_error_t) {
    let message = withUnsafeBytes(of: error.message) { buffer in
      String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
    }
    let isServers =
      error.domain == MONGOC_ERROR_SERVER.rawValue
      || error.domain == MONGOC_ERROR_WRITE_CONCERN.rawValue
    if isServers {
      self.init(serverCode: Int64(error.code), message)
    } else if error.domain == MONGOC_ERROR_SCRAM.rawValue
      || error.domain == MONGOC_ERROR_CLIENT.rawValue
        && error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE.rawValue
    {
      self.init(.denied, message)
    } else if error.domain == MONGOC_ERROR_SERVER_SELECTION.rawValue {
      self.init(.away, message)
    } else if error.domain == MONGOC_ERROR_BSON.rawValue {
      self.init(.tooLarge, message)
    } else {
      self.init(.unreachable, message)
    }
  }

  /// Maps a server's error code. Source: error_codes.yml of the server.
  init(serverCode code: Int64, _ message: String) {
    switch code {
    case 11000, 11001, 12582: self.init(.duplicateKey, message)
    case 13, 18, 8000: self.init(.denied, message)
    case 10334, 17280, 17419, 17420: self.init(.tooLarge, message)
    // Host unreachable or not found, time-outs, interruptions and shutdown, failures of the write
    // concern, conflicts, changes of the primary.
    case 6, 7, 50, 64, 79, 89, 91, 100, 112, 189, 262, 317, 9001, 10058, 10107, 11600, 11602,
      13388, 13435, 13436:
      self.init(.unreachable, "\(message) (\(code))")
    default: self.init(.refused, "\(message) (\(code))")
    }
  }

  /// Whether a retry may help.
  var isTemporary: Bool { kind == .away || kind == .unreachable }

  /// The error for callers of the store. `place` names the server and its database, which only
  /// the log shows.
  func storageError(_ place: String) -> StorageError {
    let detail = "\(place): \(message)"
    return switch kind {
    case .away, .unreachable:
      StorageError(.unavailable, "the database is away", detail: detail)
    case .denied:
      StorageError(
        .unavailable,
        "the database refuses the credentials. Give a user that may read and write it",
        detail: detail)
    case .duplicateKey, .refused:
      StorageError(.unavailable, "the database refused the operation", detail: detail)
    case .tooLarge:
      StorageError(
        .tooLarge, "the database cannot hold a value of this size: \(message)", detail: place)
    case .damaged:
      StorageError(
        .corrupt, "the database is damaged: \(message). Restore it from a copy", damage,
        detail: place)
    case .incompatible:
      StorageError(.incompatible, "the database cannot be used: \(message)", detail: place)
    }
  }
}
