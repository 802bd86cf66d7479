import Contracts
import EventModel
import EventSourcing
import Testing

@testable import MongoStorage

/// Positions that were given out and not used.
@Suite(.timeLimit(.minutes(5))) struct HoleTests {
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
      #expect(try await domain.wholeLog().map(\.position.number) == [1])
      _ = try await domain.append(.sample(.random()))
      #expect(try await domain.wholeLog().map(\.position.number) == [1, 5])
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
      #expect(try await domain.wholeLog().map(\.commit.id) == [commit.id])
      #expect(try await domain.head(ofPartition: 0) == Position(number: 2))
    }
  }

  @Test func theHeadStopsBeforeWhatASlowWriterReserved() async throws {
    try await withDomain { domain, raw in
      let slow = try raw.withClient { try domain.layout.positions(of: 0, $0).reserve(50) }
      _ = try await domain.append(.sample(.random()))
      #expect(try await domain.head(ofPartition: 0) == Position(number: 0))

      // It comes late, to the middle of what it reserved, and is in front of nobody who follows.
      let late = Commit.sample(.random())
      let failures = try raw.withClient { client in
        try domain.layout.commits(client).collection.insert(
          (slow..<slow + 50).map { number in
            number == slow + 19
              ? CommitDocument.encode(late, at: Position(number: number))
              : CommitDocument.tombstone(at: Position(number: number), time: Timestamp(seconds: 1))
          })
      }
      #expect(failures.isEmpty)
      let log = try await domain.wholeLog()
      #expect(log.map(\.position.number) == [20, 51])
      #expect(log.first?.commit.id == late.id)
      #expect(try await domain.head(ofPartition: 0) == Position(number: 51))
    }
  }

  @Test func theHeadIsThatOfALongLogWithManyTombstones() async throws {
    try await withDomain { domain, raw in
      let count = Limits.positionsLookedAt * 2 + 10
      try raw.withClient { client in
        _ = try domain.layout.positions(of: 0, client).reserve(Int(count))
        for start in stride(from: UInt64(1), through: count, by: 1000) {
          try domain.layout.commits(client).fill(
            (start...min(start + 999, count)).map { Position(number: $0) },
            now: Timestamp(seconds: 1))
        }
      }
      #expect(try await domain.head(ofPartition: 0) == Position(number: 0))
      _ = try await domain.append(.sample(.random()))
      #expect(try await domain.head(ofPartition: 0) == Position(number: count + 1))
    }
  }

  @Test func whereTheSettledPrefixEndsIsKeptForProcessesThatStartLater() async throws {
    try await withDatabase { uri in
      let raw = try RawClient(uri)
      let count = Limits.positionsUnkept + 5
      let first = try MongoStorage(uri: uri)
      let domain = try await first.orders()
      try raw.withClient { client in
        _ = try domain.layout.positions(of: 0, client).reserve(Int(count))
        try domain.layout.commits(client).fill(
          (1...count).map { Position(number: $0) }, now: Timestamp(seconds: 1))
      }
      _ = try await domain.append(.sample(.random()))
      let head = Position(number: count + 1)
      #expect(try await domain.head(ofPartition: 0) == head)
      let kept = try raw.withClient { try domain.layout.settledMark(of: 0, $0).read() }
      #expect(kept == SettledEnd(position: count + 1, commit: count + 1))
      await first.close()

      let second = try MongoStorage(uri: uri)
      #expect(try await second.orders().head(ofPartition: 0) == head)
      await second.close()
    }
  }

  @Test func aCounterThatARestoreSetBackIsRaisedOnOpening() async throws {
    try await withDatabase { uri in
      let raw = try RawClient(uri)
      var storage = try MongoStorage(uri: uri)
      var domain = try await storage.orders()
      for _ in 1...5 { _ = try await domain.append(.sample(.random())) }
      await storage.close()
      try setBack(to: 2, raw)
      storage = try MongoStorage(uri: uri)
      domain = try await storage.orders()
      let last = try raw.withClient { try domain.layout.positions(of: 0, $0).last() }
      #expect(last == 5)
      #expect(try await domain.append(.sample(.random())) == .appended(Position(number: 6)))
      await storage.close()
    }
  }

  @Test func aCounterThatIsSetBackMeanwhileIsRaisedBehindAllThatIsTaken() async throws {
    try await withDomain { domain, raw in
      try raw.withClient { client in
        try domain.layout.commits(client).fill(
          (1...40).map { Position(number: $0) } + [Position(number: 90)],
          now: Timestamp(seconds: 1))
      }
      let commit = Commit.sample(.random())
      #expect(try await domain.append(commit) == .appended(Position(number: 91)))
    }
  }

  private func setBack(to number: Int64, _ raw: RawClient) throws {
    _ = try raw.withClient { client in
      try client.collection("counters.orders").update(
        ["_id": "position 0"], ["$set": ["last": .int64(number)]])
    }
  }

  @Test func aTombstoneNeverTakesTheplaceOfACommit() async throws {
    try await withDomain { domain, raw in
      _ = try await domain.append(.sample(.random()))
      try raw.withClient { client in
        try domain.layout.commits(client).fill(
          [Position(number: 1), Position(number: 2)], now: Timestamp(seconds: 1))
      }
      #expect(try await domain.wholeLog().map(\.position.number) == [1])
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
        after: Position(number: 0), limit: ReadLimit(count: 3))
      #expect(found.map(\.position.number) == [31])
    }
  }
}
