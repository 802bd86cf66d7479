import Foundation
import Testing

/// The server that the tests use.
enum TestServer {
  struct Missing: Error, CustomStringConvertible {
    let description =
      "OUTRIDER_TEST_MONGODB_URI is not set. Run `make test`, or `devops/mongodb/engine.sh with "
      + "swift test`, which start a server and set it."
  }

  static func uri() throws -> String {
    guard let uri = ProcessInfo.processInfo.environment["OUTRIDER_TEST_MONGODB_URI"] else {
      throw Missing()
    }
    return uri
  }

  /// The server's URI with that database.
  static func uri(database: String) throws -> String {
    var uri = try uri()
    let options = uri.firstIndex(of: "?").map { String(uri[$0...]) } ?? ""
    uri = String(uri.dropLast(options.count))
    while uri.hasSuffix("/") { uri.removeLast() }
    return "\(uri)/\(database)\(options)"
  }
}

/// Runs a test with a database of its own, and drops it afterwards.
func withDatabase<Outcome>(_ body: (_ uri: String) async throws -> Outcome) async throws -> Outcome
{
  let name = "test-\(UUID().uuidString.lowercased())"
  let uri = try TestServer.uri(database: name)
  do {
    let outcome = try await body(uri)
    try RawClient(uri).run(["dropDatabase": 1])
    return outcome
  } catch {
    try RawClient(uri).run(["dropDatabase": 1])
    throw error
  }
}
