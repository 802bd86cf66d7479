import EventModel
import EventSourcing
import Testing

private func parked(
  _ subscription: Name, _ number: Int, at seconds: Int64, first: SequenceNumber = 3,
  tries: Int = 1
) -> ParkedAggregate {
  ParkedAggregate(
    subscription: subscription, root: .sample(number), firstSequence: first,
    reason: "no account «\(number)»", statusCode: .failedPrecondition, tries: tries,
    parkedAt: Timestamp(seconds: seconds, nanoseconds: 1))
}

let parkingFacts: [Fact] = [
  Fact("parked aggregates are listed in the order of their roots, portion by portion") {
    subject async throws in
    let store = subject.store
    let aggregates = [2, 9, 300, 70_000].map { parked("s", $0, at: Int64(100 - $0)) }
    for aggregate in aggregates.reversed() { try await store.park(aggregate) }
    try await store.park(parked("t", 3, at: 1))
    #expect(try await store.parked(by: "s", after: nil, limit: 10) == aggregates)
    var found: [ParkedAggregate] = []
    for expected in [2, 1, 1, 0] {
      let portion = try await store.parked(
        by: "s", after: found.last?.root, limit: found.isEmpty ? 2 : 1)
      #expect(portion.count == expected)
      found += portion
    }
    #expect(found == aggregates)
    #expect(try await store.parked(by: "t", after: nil, limit: 10) == [parked("t", 3, at: 1)])
    #expect(try await store.parked(by: "u", after: nil, limit: 10) == [])
  },

  Fact("a parked aggregate is found by subscription and root") { subject async throws in
    let store = subject.store
    try await store.park(parked("s", 1, at: 100))
    #expect(try await store.parked(by: "s", root: .sample(1)) == parked("s", 1, at: 100))
    #expect(try await store.parked(by: "s", root: .sample(2)) == nil)
    #expect(try await store.parked(by: "t", root: .sample(1)) == nil)
  },

  Fact("parking again replaces, and never doubles") { subject async throws in
    let store = subject.store
    try await store.park(parked("s", 1, at: 100))
    try await store.park(parked("s", 1, at: 200, first: 7, tries: 5))
    #expect(
      try await store.parked(by: "s", after: nil, limit: 10)
        == [parked("s", 1, at: 200, first: 7, tries: 5)])
  },

  Fact("an aggregate is taken out for one subscription alone, once or again") {
    subject async throws in
    let store = subject.store
    try await store.park(parked("s", 1, at: 100))
    try await store.park(parked("t", 1, at: 100))
    for _ in 0..<2 {
      try await store.unpark("s", root: .sample(1), at: 3)
      #expect(try await store.parked(by: "s", root: .sample(1)) == nil)
      #expect(try await store.parked(by: "t", root: .sample(1)) == parked("t", 1, at: 100))
    }
  },

  Fact("an aggregate that was parked at another event meanwhile is not taken out") {
    subject async throws in
    let store = subject.store
    let aggregate = parked("s", 1, at: 100, first: 4)
    try await store.park(aggregate)
    for other: SequenceNumber in [0, 3, 5] {
      try await store.unpark("s", root: .sample(1), at: other)
      #expect(try await store.parked(by: "s", root: .sample(1)) == aggregate)
    }
  },
]
