import EventModel
import EventSourcing
import Testing

private func event(
  _ number: Int, _ sequence: SequenceNumber, in domain: Name = "bills"
) -> EventReference {
  EventReference(cover: Cover(domain: domain, root: .sample(number)), sequence: sequence)
}

private func events(
  _ number: Int, from first: SequenceNumber, upTo next: SequenceNumber, in domain: Name = "bills"
) -> EventRange {
  EventRange(cover: Cover(domain: domain, root: .sample(number)), from: first, upTo: next)
}

extension EventStore {
  /// Appends the first event of an aggregate, with its cause.
  fileprivate func append(_ number: Int, causedBy cause: EventReference?) async throws {
    let outcome = try await append(.sample(.sample(number), at: 0, cause: cause))
    guard case .appended = outcome else { preconditionFailure("\(number) is there already") }
  }

  /// The aggregates of all commits that the events led to, read in portions of that size.
  fileprivate func effects(
    of causes: [EventRange], _ limit: ReadLimit = ReadLimit()
  ) async throws -> [Root] {
    var found: [RecordedCommit] = []
    while true {
      let portion = try await effects(of: causes, after: found.last, limit: limit)
      #expect(portion.count <= limit.count)
      if portion.isEmpty { return found.map(\.commit.cover.root) }
      found += portion
    }
  }
}

private func roots(_ numbers: Int...) -> [Root] { numbers.map { .sample($0) } }

let causeFacts: [Fact] = [
  Fact("what an event led to is found, whole, in the order of causes and positions") {
    subject async throws in
    let store = subject.store
    try await store.append(1, causedBy: event(5, 3))
    try await store.append(2, causedBy: event(5, 2))
    try await store.append(3, causedBy: event(5, 300))
    try await store.append(4, causedBy: event(5, 2))
    try await store.append(5, causedBy: event(5, 0))
    #expect(try await store.effects(of: [events(5, from: 0, upTo: 301)]) == roots(5, 2, 4, 1, 3))
    #expect(try await store.effects(of: [events(5, from: 2, upTo: 3)]) == roots(2, 4))
    #expect(try await store.effects(of: [events(5, from: 3, upTo: 300)]) == roots(1))
    #expect(try await store.effects(of: [events(5, from: 4, upTo: 300)]) == [])
    #expect(try await store.effects(of: [events(5, from: 0, upTo: .init(.max))]).count == 5)
    #expect(try await store.effects(of: []) == [])
    let found = try await store.effects(
      of: [events(5, from: 3, upTo: 4)], after: nil, limit: ReadLimit())
    #expect(found == (try await store.wholeLog()).filter { $0.position.number == 1 })
  },

  Fact("what no event led to, or another aggregate's or domain's, is not found") {
    subject async throws in
    let store = subject.store
    try await store.append(1, causedBy: nil)
    try await store.append(2, causedBy: event(5, 0, in: "Kunde"))
    try await store.append(3, causedBy: event(5, 0, in: "\u{212A}unde"))
    try await store.append(4, causedBy: event(6, 0, in: "Kunde"))
    #expect(try await store.effects(of: [events(5, from: 0, upTo: 9, in: "Kunde")]) == roots(2))
    #expect(try await store.effects(of: [events(7, from: 0, upTo: 9, in: "Kunde")]) == [])
    #expect(try await store.effects(of: [events(5, from: 0, upTo: 9, in: "bills")]) == [])
    let other = try await subject.storage.domain("other")
    #expect(try await other.effects(of: [events(5, from: 0, upTo: 9, in: "Kunde")]) == [])
  },

  Fact("effects of many events are found portion by portion, each once") { subject async throws in
    let store = subject.store
    for number in 0..<200 {
      try await store.append(
        number, causedBy: event(number % 7, SequenceNumber(UInt32(number % 3))))
    }
    let causes = (0..<150).map { events($0, from: 0, upTo: 2) }
    let expected = Set((0..<200).filter { $0 % 3 < 2 }.map { Root.sample($0) })
    for count in [1, 7, 1000] {
      let found = try await store.effects(of: causes, ReadLimit(count: count))
      #expect(found.count == expected.count)
      #expect(Set(found) == expected)
    }
    #expect(try await store.effects(of: causes, ReadLimit(bytes: 0)).count == expected.count)
  },
]
