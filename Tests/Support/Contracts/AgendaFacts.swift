import EventModel
import EventSourcing
import Testing

private func key(_ number: Int, _ sequence: SequenceNumber = 0, _ index: UInt32 = 0) -> AgendaKey {
  AgendaKey(root: .sample(number), sequence: sequence, index: index)
}

private func entry(
  _ key: AgendaKey, at seconds: Int64, _ nanoseconds: Int32 = 0, tries: UInt32 = 0,
  in agenda: Name = "a"
) -> AgendaEntry {
  AgendaEntry(
    agenda: agenda, key: key, due: Timestamp(seconds: seconds, nanoseconds: nanoseconds),
    tries: tries)
}

extension AgendaStore {
  fileprivate func all(_ agenda: Name = "a") async throws -> [AgendaEntry] {
    try await entries(of: agenda, dueBy: nil, limit: .max)
  }
}

let agendaFacts: [Fact] = [
  Fact("an agenda is in the order of times, and of keys where these are equal") {
    subject async throws in
    let store = subject.store
    let ordered = [
      entry(key(9), at: -5, 999_999_999), entry(key(3), at: 10), entry(key(1), at: 11, 5),
      entry(key(1, 2, 7), at: 11, 1_000_005), entry(key(2), at: 11, 1_000_006),
      entry(key(1, 9), at: 12), entry(key(1, 10), at: 12),
      entry(key(1, 10, 1), at: 12), entry(key(1, .init(.max), .max), at: 12),
      entry(key(4), at: 12), entry(key(300), at: 12), entry(key(70_000), at: 12),
    ]
    try await store.enter(ordered.reversed())
    #expect(try await store.all() == ordered)
    for limit in [0, 1, 5, 100] {
      let found = try await store.entries(of: "a", dueBy: nil, limit: limit)
      #expect(found == Array(ordered.prefix(limit)))
    }
    for (index, last) in ordered.enumerated() {
      let found = try await store.entries(of: "a", after: last.place, dueBy: nil, limit: 2)
      #expect(found == Array(ordered.dropFirst(index + 1).prefix(2)))
    }
    var between = ordered[4].place
    between.key.index = 1
    let found = try await store.entries(
      of: "a", after: between, dueBy: Timestamp(seconds: 12), limit: 3)
    #expect(found == Array(ordered[5..<8]))
  },

  Fact("what is due by a time is due then, or before, to the nanosecond") { subject async throws in
    let store = subject.store
    let entries = [
      entry(key(1), at: 10, 4), entry(key(2), at: 10, 5), entry(key(3), at: 10, 6),
      entry(key(4), at: 10, 1_000_000), entry(key(5), at: 11),
    ]
    try await store.enter(entries)
    func count(by seconds: Int64, _ nanoseconds: Int32) async throws -> Int {
      let time = Timestamp(seconds: seconds, nanoseconds: nanoseconds)
      let found = try await store.entries(of: "a", dueBy: time, limit: 100)
      #expect(found == Array(entries.prefix(found.count)))
      return found.count
    }
    #expect(try await count(by: 9, 999_999_999) == 0)
    #expect(try await count(by: 10, 3) == 0)
    #expect(try await count(by: 10, 5) == 2)
    #expect(try await count(by: 10, 999_999) == 3)
    #expect(try await count(by: 10, 999_999_999) == 4)
    #expect(try await count(by: 11, 0) == 5)
    #expect(
      try await store.entries(of: "a", dueBy: Timestamp(seconds: 11), limit: 2)
        == Array(entries.prefix(2)))
  },

  Fact("what is entered again is moved, and never doubled") { subject async throws in
    let store = subject.store
    try await store.enter([entry(key(1), at: 10), entry(key(2), at: 11)])
    try await store.enter([entry(key(1), at: 12, 7, tries: 3)])
    #expect(try await store.all() == [entry(key(2), at: 11), entry(key(1), at: 12, 7, tries: 3)])
    try await store.enter([entry(key(2), at: 13), entry(key(2), at: 9, tries: .max)])
    #expect(
      try await store.all() == [
        entry(key(2), at: 9, tries: .max), entry(key(1), at: 12, 7, tries: 3),
      ])
  },

  Fact("what is struck is gone, once or again, from one agenda alone") { subject async throws in
    let store = subject.store
    try await store.enter([
      entry(key(1), at: 10), entry(key(1, 1), at: 10), entry(key(1, 0, 1), at: 10),
      entry(key(1), at: 10, in: "b"),
    ])
    for _ in 0..<2 {
      try await store.strike([key(1), key(5), key(1, 0, 1)], from: "a")
      #expect(try await store.all() == [entry(key(1, 1), at: 10)])
    }
    try await store.strike([key(1)], from: "c")
    #expect(try await store.all("b") == [entry(key(1), at: 10, in: "b")])
  },

  Fact("the agendas that have entries are listed in order") { subject async throws in
    let store = subject.store
    #expect(try await store.agendas() == [])
    let names = lookalikes + longNames
    try await store.enter(names.map { entry(key(1), at: 10, in: $0) })
    try await store.enter(names.map { entry(key(2), at: 11, in: $0) })
    #expect(try await store.agendas() == names.sorted())
    for name in names.dropFirst() { try await store.strike([key(1), key(2)], from: name) }
    #expect(try await store.agendas() == [names[0]])
    #expect(try await store.all(names[0]).map(\.key) == [key(1), key(2)])
    #expect(try await store.all(names[1]) == [])
  },

  Fact("an entry makes the domain exist; nothing entered does not") { subject async throws in
    try await subject.store.enter([])
    #expect(try await subject.store.all() == [])
    #expect(try await !subject.storage.exists(Subject.domain))
    try await subject.store.enter([entry(key(1), at: 10)])
    #expect(try await subject.storage.domains() == [Subject.domain])
  },

  Fact("any number of entries is entered and struck in one call") { subject async throws in
    let store = subject.store
    let count = 5000
    // Times in another order than the keys.
    let entries = (0..<count).map { entry(key($0), at: Int64($0 * 7 % count)) }
    try await store.enter(entries)
    let ordered = entries.sorted { $0.due < $1.due }
    #expect(try await store.entries(of: "a", dueBy: nil, limit: 100) == Array(ordered.prefix(100)))
    try await store.strike(ordered.dropFirst(10).map(\.key), from: "a")
    #expect(try await store.all() == Array(ordered.prefix(10)))
  },
]

/// Of adapters that keep anything beyond the process.
let agendaPersistenceFacts: [Fact] = [
  Fact("an agenda survives a restart") { subject async throws in
    let entries = [
      entry(key(2, 3, 4), at: 10, 999_999_999, tries: 5), entry(key(1), at: 1 << 34),
    ]
    try await subject.store.enter(entries)
    try await subject.reopen()
    #expect(try await subject.store.all() == entries)
    try await subject.store.strike([key(1)], from: "a")
    try await subject.reopen()
    #expect(try await subject.store.all() == Array(entries.prefix(1)))
    #expect(try await subject.store.agendas() == ["a"])
  }
]
