@testable import MongoStorage

/// Looks at a database, and changes it, past the store.
struct RawClient {
  private let server: Server
  private let admin: Server

  init(_ uri: String) throws {
    server = try Server(uri)
    admin = try Server(TestServer.uri(database: "admin"))
  }

  func withClient<Outcome>(_ body: (Client) throws -> Outcome) throws -> Outcome {
    let result = try server.withClient { client in Result { try body(client) } }
    return try result.get()
  }

  @discardableResult
  func run(_ command: BSONDocument) throws -> BSONDocument {
    try withClient { try $0.run(command) }
  }

  /// Runs a command that is not for one database.
  func runOnAdmin(_ command: BSONDocument) throws {
    _ = try admin.withClient { client throws(MongoFailure) in try client.run(command) }
  }
}
