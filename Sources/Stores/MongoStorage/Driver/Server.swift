import CMongoC
import EventSourcing
import Synchronization

/// A MongoDB server, replica set or sharded cluster at a URI, with its pool of clients.
final class Server: @unchecked Sendable {
  // All threads may use the pool, as mongoc_client_pool_t(3) promises; the URI does not change
  // after it is parsed.

  /// The database that holds the domains.
  let database: String
  /// Hosts and database, without credentials: for messages.
  let place: String
  /// Settings of the URI that weaken the store's promises.
  let warnings: [String]
  private let uri: OpaquePointer
  private let pool = Mutex(Pool.unopened)

  private enum Pool {
    case unopened
    case open(ClientPool)
    case closed
  }

  /// Parses the URI. Connects at the first call, not here.
  init(_ text: String) throws(StorageError) {
    Library.start()
    var error = bson_error_t()
    guard let uri = mongoc_uri_new_with_error(text, &error) else {
      // libmongoc's message may quote a password that is not escaped.
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

  /// Closes the connections; one in use closes after its call. Later calls fail.
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

  /// Opened at the first call, because a `mongodb+srv` URI then queries DNS.
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

  /// The part between the credentials and the database.
  private static func hosts(of uri: String) -> Substring {
    let rest = uri.firstRange(of: "://").map { uri[$0.upperBound...] } ?? uri[...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard let at = authority.lastIndex(of: "@") else { return authority }
    return authority[authority.index(after: at)...]
  }
}
