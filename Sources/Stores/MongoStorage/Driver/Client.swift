import CMongoC

/// A pool of clients of a server, `mongoc_client_pool_t`.
final class ClientPool: @unchecked Sendable {
  // "mongoc_client_pool_t is thread-safe", mongoc_client_pool_t(3).

  fileprivate let handle: OpaquePointer

  init(_ uri: OpaquePointer) throws(MongoFailure) {
    var error = bson_error_t()
    guard let handle = mongoc_client_pool_new_with_error(uri, &error) else {
      throw MongoFailure(error)
    }
    mongoc_client_pool_set_error_api(handle, MONGOC_ERROR_API_VERSION_2)
    self.handle = handle
  }

  /// Every client retains the pool, so all have been returned.
  deinit { mongoc_client_pool_destroy(handle) }
}

/// A connection, `mongoc_client_t`: one thread uses it, then it returns to the pool.
final class Client {
  private let pool: ClientPool
  private let handle: OpaquePointer
  private let database: String

  /// Waits while all of the pool's clients are in use.
  init(_ pool: ClientPool, database: String) {
    self.pool = pool
    self.database = database
    guard let handle = mongoc_client_pool_pop(pool.handle) else {
      preconditionFailure("a pool that waits without a time limit has a client in the end")
    }
    self.handle = handle
  }

  deinit { mongoc_client_pool_push(pool.handle, handle) }

  func collection(_ name: String) -> Collection {
    Collection(mongoc_client_get_collection(handle, database, name), name: name, of: self)
  }

  /// Runs a database command, such as `hello`, that neither reads nor writes data.
  func run(_ command: BSONDocument) throws(MongoFailure) -> BSONDocument {
    let (reply, error) = command.withHandle { command in
      withReply { reply, error in
        mongoc_client_command_simple(handle, database, command, nil, reply, &error)
      }
    }
    if let error { throw MongoFailure(error) }
    return reply
  }
}
