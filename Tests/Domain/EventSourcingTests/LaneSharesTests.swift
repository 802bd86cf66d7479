import Testing

@testable import EventSourcing

@Suite struct LaneSharesTests {
  @Test func theSharesOfAllAreTheLanes() {
    for lanes in 0...20 {
      for consumers in 1...7 {
        let shares = (0..<consumers).map { rank in
          LaneShares(rank: rank, of: consumers, lanes: lanes, held: [], taken: [])
        }
        let wanted = shares.map(\.wanted)
        #expect(wanted.reduce(0, +) == lanes)
        #expect(wanted.max().map { $0 - (wanted.min() ?? 0) <= 1 } == true)
      }
    }
  }

  @Test func whoHasMoreThanItsShareGivesTheRest() {
    let shares = LaneShares(rank: 1, of: 3, lanes: 8, held: [5, 1, 7, 2], taken: [0])
    #expect(shares.give == [7])
    #expect(shares.wanted == 0)
    #expect(shares.candidates.isEmpty)
  }

  @Test func whoHasLessTriesTheLanesThatNobodyHas() {
    let shares = LaneShares(rank: 1, of: 2, lanes: 8, held: [5], taken: [0, 1, 2, 6])
    #expect(shares.give.isEmpty)
    #expect(shares.wanted == 3)
    #expect(shares.candidates == [4, 7, 3])
  }

  @Test func whoComesAfterTheLastLaneStandsBy() {
    let shares = LaneShares(rank: 2, of: 3, lanes: 2, held: [], taken: [])
    #expect(shares.wanted == 0 && shares.give.isEmpty)
  }

  /// Round after round, consumers that come and go end with all lanes, each its share.
  @Test func consumersThatComeAndGoShareAllLanes() {
    let lanes = 12
    var held: [[Int]] = [[]]
    for count in [1, 2, 5, 3, 12, 14, 1] {
      held = Array(held.prefix(count)) + Array(repeating: [], count: max(0, count - held.count))
      for _ in 0..<3 {
        for rank in held.indices {
          let others = held.enumerated().filter { $0.offset != rank }.flatMap(\.element)
          let shares = LaneShares(
            rank: rank, of: count, lanes: lanes, held: held[rank], taken: Set(others))
          held[rank] = held[rank].filter { !shares.give.contains($0) }
          held[rank] += shares.candidates.prefix(shares.wanted)
        }
      }
      #expect(held.flatMap { $0 }.sorted() == Array(0..<lanes))
      #expect(held.allSatisfy { $0.count == lanes / count || $0.count == lanes / count + 1 })
    }
  }
}
