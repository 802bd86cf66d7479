import EventModel
import EventSourcing
import Testing

private func parked(
  _ subscription: Name, _ number: Int, at seconds: Int64, tries: Int = 1
) -> ParkedAggregate {
  ParkedAggregate(
    subscription: subscription, root: .sample(number), firstSequence: 3,
    reason: "no account «\(number)»", statusCode: 9, tries: tries,
    parkedAt: Timestamp(seconds: seconds, nanoseconds: 1))
}

let parkingFacts: [Fact] = [
  Fact("parked aggregates are listed oldest first, of one subscription or of all") {
    subject async throws in
    let store = subject.store
    let aggregates = [
      parked("s", 9, at: 100), parked("t", 1, at: 101), parked("s", 2, at: 102),
      parked("s", 1, at: 102),
    ]
    for aggregate in aggregates.reversed() { try await store.park(aggregate) }
    #expect(try await store.parked(by: "s") == [aggregates[0], aggregates[3], aggregates[2]])
    #expect(try await store.parked(by: "t") == [aggregates[1]])
    #expect(try await store.parked(by: "u") == [])
    #expect(
      try await store.parked(by: nil)
        == [aggregates[0], aggregates[1], aggregates[3], aggregates[2]])
  },

  Fact("parking again renews, and never doubles") { subject async throws in
    let store = subject.store
    try await store.park(parked("s", 1, at: 100))
    try await store.park(parked("s", 1, at: 200, tries: 5))
    #expect(try await store.parked(by: "s") == [parked("s", 1, at: 200, tries: 5)])
  },

  Fact("an aggregate is taken out for one subscription alone, once or again") {
    subject async throws in
    let store = subject.store
    try await store.park(parked("s", 1, at: 100))
    try await store.park(parked("t", 1, at: 100))
    for _ in 0..<2 {
      try await store.unpark("s", root: .sample(1))
      #expect(try await store.parked(by: nil) == [parked("t", 1, at: 100)])
    }
  },
]
