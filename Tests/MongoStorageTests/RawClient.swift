@testable import MongoStorage

/// Looks at a database, and changes it, past the store.
struct RawClient {
  private let server: Server

  init(_ uri: String) throws { server = try Server(uri) }

  func withClient<Outcome>(_ body: (Client) throws -> Outcome) throws -> Outcome {
    let result = try server.withClient { client in Result { try body(client) } }
    return try result.get()
  }

  @discardableResult
  func run(_ command: BSONDocument) throws -> BSONDocument {
    try withClient { try $0.run(command) }
  }
}
