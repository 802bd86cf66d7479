import EventModel
import EventSourcing
import Glibc
import SQLiteStorage

/// Takes the lease `l` of the domain `orders` in the directory given for an hour, under the name
/// given, appends for ever, and prints the position and the root of each commit that was
/// acknowledged. A test kills it in the middle.
@main
struct AppendUntilKilled {
  static func main() async throws {
    let storage = try SQLiteStorage(directory: CommandLine.arguments[1])
    let store = try await storage.domain("orders")
    let owner = Name(CommandLine.arguments[2])
    guard try await store.acquire("l", owner: owner, duration: .seconds(3600)) != nil else {
      fatalError("another holds the lease")
    }
    try await withThrowingTaskGroup { group in
      for _ in 0..<32 {
        group.addTask { while true { try await append(to: store) } }
      }
      try await group.waitForAll()
    }
  }

  private static func append(to store: any EventStore) async throws {
    var random = SystemRandomNumberGenerator()
    let root = Root.random(using: &random)
    var pages = PageBlock(emptyAt: .first)
    for _ in 0..<3 {
      let time = Timestamp(seconds: 1_700_000_000)
      pages.append(EventPage(sequence: pages.next, createdAt: time, body: []))
    }
    let commit = Commit(
      cover: Cover(domain: "orders", root: root), id: .random(using: &random), pages: pages,
      createdAt: Timestamp(seconds: 1_700_000_000))
    guard case .appended(let position) = try await store.append(commit) else {
      fatalError("a new root met a conflict")
    }
    // One call, so that lines of several threads are not mixed; at once, since we may die any time.
    let line = Array("\(position) \(root)\n".utf8)
    write(STDOUT_FILENO, line, line.count)
  }
}
