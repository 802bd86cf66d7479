import EventModel
import EventSourcing
import Testing

@testable import MongoStorage

/// Positions that were given out and not used.
@Suite struct HoleTests {
  private func withDomain(_ body: (MongoDomain, RawClient) async throws -> Void) async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri)
      let domain = try await storage.orders()
      try await body(domain, try RawClient(uri))
      await storage.close()
    }
  }

  /// As a writer does that dies before it inserts.
  private func loseReservation(
    _ count: Int, of domain: MongoDomain, _ raw: RawClient
  ) throws {
    _ = try raw.withClient { try domain.layout.positions(of: 0, $0).reserve(count) }
  }

  @Test func whatAWriterLeftBehindIsFilledOnceSomethingFollows() async throws {
    try await withDomain { domain, raw in
      _ = try await domain.append(.sample(.random()))
      try loseReservation(3, of: domain, raw)
      #expect(try await wholeLog(domain).map(\.position.number) == [1])
      _ = try await domain.append(.sample(.random()))
      #expect(try await wholeLog(domain).map(\.position.number) == [1, 5])
      let tombstones = try raw.withClient { client in
        try client.collection("commits.orders").find(
          ["tombstone": true], ["sort": ["position": 1]]
        ).all()
      }
      #expect(tombstones.map { $0["position"]?.integer } == [2, 3, 4])
    }
  }

  @Test func aWriterWhosePositionWasFilledTakesAnother() async throws {
    try await withDomain { domain, raw in
      let next = Position(number: 1)
      try raw.withClient { client in
        try domain.layout.commits(client).fill([next], now: Timestamp(seconds: 1))
      }
      let commit = Commit.sample(.random())
      #expect(try await domain.append(commit) == .appended(Position(number: 2)))
      #expect(try await wholeLog(domain).map(\.commit.id) == [commit.id])
      #expect(try await domain.head(ofPartition: 0) == Position(number: 2))
    }
  }

  @Test func aTombstoneNeverTakesTheplaceOfACommit() async throws {
    try await withDomain { domain, raw in
      _ = try await domain.append(.sample(.random()))
      try raw.withClient { client in
        try domain.layout.commits(client).fill(
          [Position(number: 1), Position(number: 2)], now: Timestamp(seconds: 1))
      }
      #expect(try await wholeLog(domain).map(\.position.number) == [1])
    }
  }

  @Test func manyTombstonesInARowAreNoEnd() async throws {
    try await withDomain { domain, raw in
      try loseReservation(30, of: domain, raw)
      try raw.withClient { client in
        try domain.layout.commits(client).fill(
          (1...30).map { Position(number: $0) }, now: Timestamp(seconds: 1))
      }
      _ = try await domain.append(.sample(.random()))
      let found = try await domain.log(
        after: Position(number: 0), limit: ReadLimit(commits: 3))
      #expect(found.map(\.position.number) == [31])
    }
  }
}
