import Contracts
import EventModel
import EventSourcing
import Testing

@testable import MongoStorage

@Suite(.timeLimit(.minutes(5))) struct ReadAheadTests {
  private let two = ReadLimit(count: 2)

  @Test func onlyTheOneWhoAsksForThatPortionGetsIt() async {
    let ahead = ReadAhead()
    ahead.put(Position(number: 2), two, Task { .success(LogPortion(settled: 4)) })
    #expect(ahead.take(Position(number: 3), two) == nil)
    #expect(ahead.take(Position(partition: 1, number: 2), two) == nil)
    #expect(ahead.take(Position(number: 2), ReadLimit(count: 3)) == nil)
    let look = ahead.take(Position(number: 2), two)
    #expect(try! await look?.value.get().settled == 4)
    #expect(ahead.take(Position(number: 2), two) == nil)
  }

  @Test func theOldestIsForgottenWhereThereAreTooMany() {
    let ahead = ReadAhead()
    for number in 0...UInt64(Limits.portionsAhead) {
      ahead.put(Position(number: number), two, Task { .success(LogPortion(settled: number)) })
    }
    #expect(ahead.take(Position(number: 0), two) == nil)
    #expect(ahead.take(Position(number: 1), two) != nil)
  }

  @Test func aLookThatFoundNothingIsMadeAgain() async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri)
      let domain = try await storage.orders()
      for _ in 1...2 { _ = try await domain.append(.sample(.random())) }
      #expect(try await domain.log(after: Position(number: 0), limit: two).count == 2)

      let end = Position(number: 2)
      let look = try #require(domain.reader.ahead.take(end, two))
      #expect(try await look.value.get().settled == end.number)
      domain.reader.ahead.put(end, two, look)

      let third = Commit.sample(.random())
      _ = try await domain.append(third)
      #expect(try await domain.log(after: end, limit: two).map(\.commit.id) == [third.id])
      await storage.close()
    }
  }

  @Test func readingOnBringsEachCommitOnce() async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri)
      let domain = try await storage.orders()
      var positions: [UInt64] = []
      for _ in 1...9 { _ = try await domain.append(.sample(.random())) }
      while true {
        let last = Position(number: positions.last ?? 0)
        let portion = try await domain.log(after: last, limit: two)
        if portion.isEmpty { break }
        positions += portion.map(\.position.number)
        // The log grows while it is read.
        if positions.count < 8 { _ = try await domain.append(.sample(.random())) }
      }
      #expect(positions == Array(1...12))
      await storage.close()
    }
  }
}
