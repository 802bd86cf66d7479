import CMongoC
import EventSourcing
import Synchronization

/// A MongoDB server, replica set or sharded cluster, as a URI names it, and the clients that
/// talk to it.
final class Server: @unchecked Sendable {
  // The pool may be used by all threads, as mongoc_client_pool_t(3) promises; the URI is not
  // changed any more once it is parsed.

  /// The database that holds the domains.
  let database: String
  /// Hosts and database, without credentials: for messages.
  let place: String
  /// Settings of the URI that weaken what the store promises.
  let warnings: [String]
  private let uri: OpaquePointer
  private let pool = Mutex(Pool.unopened)

  private enum Pool {
    case unopened
    case open(ClientPool)
    case closed
  }

  /// Reads the URI. Nothing is contacted before the first call.
  init(_ text: String) throws(StorageError) {
    Library.start()
    var error = bson_error_t()
    guard let uri = mongoc_uri_new_with_error(text, &error) else {
      // What libmongoc says may quote a password that is not escaped.
      let reason =
        text.contains("@")
        ? "see that user and password are percent-encoded, and what follows them is right"
        : MongoFailure(error).message
      throw StorageError(.incompatible, "the MongoDB URI cannot be read: \(reason)")
    }
    guard let name = mongoc_uri_get_database(uri).map({ String(cString: $0) }), !name.isEmpty else {
      mongoc_uri_destroy(uri)
      throw StorageError(
        .incompatible, "the MongoDB URI names no database: mongodb://HOST/DATABASE")
    }
    database = name
    place = "mongodb://\(Self.hosts(of: text))/\(name)"
    do throws(MongoFailure) { warnings = try Promises.settle(uri) } catch {
      mongoc_uri_destroy(uri)
      throw error.storageError(place)
    }
    self.uri = uri
  }

  deinit {
    close()
    mongoc_uri_destroy(uri)
  }

  /// Ends the connections, those of calls under way as soon as they are over. There are no more
  /// calls.
  func close() {
    pool.withLock { $0 = .closed }
  }

  /// Lends a client of the pool to this thread.
  func withClient<Outcome>(
    _ body: (Client) throws(MongoFailure) -> Outcome
  ) throws(MongoFailure) -> Outcome {
    let client = try Client(openPool(), database: database)
    return try body(client)
  }

  /// Made at the first call and not before: a `mongodb+srv` URI asks the name server then.
  private func openPool() throws(MongoFailure) -> ClientPool {
    try pool.withLock { pool throws(MongoFailure) in
      switch pool {
      case .open(let pool): return pool
      case .closed: throw MongoFailure(.away, "the store is closed")
      case .unopened: break
      }
      let opened = try ClientPool(uri)
      pool = .open(opened)
      return opened
    }
  }

  /// What stands between the credentials and the database.
  private static func hosts(of uri: String) -> Substring {
    let rest = uri.firstRange(of: "://").map { uri[$0.upperBound...] } ?? uri[...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard let at = authority.lastIndex(of: "@") else { return authority }
    return authority[authority.index(after: at)...]
  }
}
