import Contracts
import EventModel
import EventSourcing
import Testing

@testable import MongoStorage

/// Far more domains with events than may stay open.
@Suite(.timeLimit(.minutes(5))) struct OpenDomainsTests {
  private struct Seen {
    weak var domain: MongoDomain?
  }

  private let names = (0..<40).map { Name("orders-\($0)") }

  /// Appends the aggregate's first event, as a call does that opens the domain for it.
  private func append(_ root: Root, to name: Name, in storage: MongoStorage) async throws -> Seen {
    let domain = try await storage.mongoDomain(name)
    var commit = Commit.sample(root)
    commit.cover = Cover(domain: name, root: root)
    #expect(try await domain.append(commit) == .appended(Position(number: 1)))
    return Seen(domain: try await storage.mongoDomain(name))
  }

  @Test func thoseThatNobodyUsesAreLetGoAndAllAreReadBack() async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri, openDomainsMax: 4)
      let followed = try await storage.mongoDomain(names[0])
      var seen: [Seen] = []
      let roots = names.map { _ in Root.random() }
      for (name, root) in zip(names, roots) {
        seen.append(try await append(root, to: name, in: storage))
      }
      // A call may be on its way back still.
      while seen.count(where: { $0.domain != nil }) > 5 {
        try Task.checkCancellation()
        await Task.yield()
      }
      #expect(try await storage.mongoDomain(names[0]) === followed)
      for (name, root) in zip(names, roots) {
        let domain = try await storage.domain(name)
        let log = try await domain.wholeLog()
        #expect(log.map(\.commit.cover) == [Cover(domain: name, root: root)])
        #expect(try await domain.next(of: root) == 1)
      }
      await storage.close()
    }
  }
}
