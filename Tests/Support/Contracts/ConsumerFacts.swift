import EventModel
import EventSourcing
import Testing

let consumerFacts: [Fact] = [
  Fact("a checkpoint starts at 0, moves forward and never back") { subject async throws in
    let store = subject.store
    let lease = try #require(try await store.acquire("l", owner: "a", duration: .seconds(10)))
    func checkpoint(_ name: Name) async throws -> UInt64 {
      let position = try await store.checkpoint(of: name, partition: 0)
      return position.number
    }
    #expect(try await checkpoint("s") == 0)
    for (step, expected): (UInt64, UInt64) in [(5, 5), (3, 5), (5, 5), (0, 5), (6, 6)] {
      try await store.advance("s", to: Position(number: step), holding: lease)
      #expect(try await checkpoint("s") == expected)
    }
    #expect(try await checkpoint("another") == 0)
  },

  Fact("each partition has a checkpoint of its own") { subject async throws in
    let store = subject.store
    let lease = try #require(try await store.acquire("l", owner: "a", duration: .seconds(10)))
    try await store.advance("s", to: Position(partition: 1, number: 7), holding: lease)
    #expect(try await store.checkpoint(of: "s", partition: 0) == Position(number: 0))
    #expect(
      try await store.checkpoint(of: "s", partition: 1) == Position(partition: 1, number: 7))
  },

  Fact("a record comes back as it was saved, with or without a value") { subject async throws in
    let store = subject.store
    #expect(try await store.record(of: "s", root: .sample(1)) == nil)
    for (number, value): (Int, Bytes?) in [(1, [1, 2]), (2, nil), (3, [])] {
      var record = ConsumerRecord.sample("s", .sample(number), next: 4, value: value)
      #expect(try await store.save(record, after: 0))
      let stored = try #require(try await store.record(of: "s", root: .sample(number)))
      record.revision = stored.revision
      #expect(stored == record)
    }
    #expect(try await store.record(of: "another", root: .sample(1)) == nil)
  },

  Fact("a record is saved only where the one before ends at the number given") {
    subject async throws in
    let store = subject.store
    let root = Root.sample(1)
    #expect(try await !store.save(.sample("s", root, next: 3), after: 2))
    #expect(try await store.save(.sample("s", root, next: 2), after: 0))
    #expect(try await !store.save(.sample("s", root, next: 3), after: 0))
    #expect(try await !store.save(.sample("s", root, next: 3), after: 1))
    #expect(try await store.record(of: "s", root: root)?.next == 2)
    #expect(try await store.save(.sample("s", root, next: 3), after: 2))
    #expect(try await store.record(of: "s", root: root)?.next == 3)
    #expect(try await store.save(.sample("another", root, next: 1), after: 0))
  },

  Fact("of many that save after the same number at once, one succeeds") { subject async throws in
    let store = subject.store
    let saved = try await withThrowingTaskGroup { group in
      for number in 0..<16 {
        group.addTask {
          try await store.save(
            .sample("s", .sample(1), next: 1, value: [UInt8(number)]), after: 0)
        }
      }
      return try await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    #expect(saved.filter(\.self).count == 1)
  },

  Fact("records are listed in the order of their roots, portion by portion") {
    subject async throws in
    let store = subject.store
    for number in [7, 300, 2, 70_000] {
      _ = try await store.save(.sample("s", .sample(number), next: 1), after: 0)
      _ = try await store.save(.sample("another", .sample(number + 1), next: 1), after: 0)
    }
    var found: [Root] = []
    for expected in [2, 1, 1, 0] {
      let limit = found.isEmpty ? 2 : 1
      let portion = try await store.records(
        of: "s", after: found.last, limit: ReadLimit(count: limit))
      #expect(portion.count == expected)
      found += portion.map(\.root)
    }
    #expect(found == [2, 7, 300, 70_000].map { Root.sample($0) })
  },

  Fact("a portion of records has no more bytes than asked for, and one record at least") {
    subject async throws in
    let store = subject.store
    for number in 1...4 {
      var record = ConsumerRecord.sample("s", .sample(number), next: 1)
      record.value = Bytes(repeating: 1, count: 1000)
      _ = try await store.save(record, after: 0)
    }
    for (bytes, count) in [(1, 1), (1999, 1), (2000, 2), (3500, 3), (4000, 4)] {
      let limit = ReadLimit(count: 10, bytes: bytes)
      let records = try await store.records(of: "s", after: nil, limit: limit)
      #expect(records.map(\.root) == (1...count).map { Root.sample($0) })
      let changes = try await store.changes(of: "s", after: 0, limit: limit)
      #expect(changes.map(\.root) == (1...count).map { Root.sample($0) })
    }
  },

  Fact("a subscription's records are removed portion by portion, and no others") {
    subject async throws in
    let store = subject.store
    for number in 1...5 {
      for name in ["s", "another"] as [Name] {
        let record = ConsumerRecord.sample(name, .sample(number), next: 1, value: [1])
        #expect(try await store.save(record, after: 0))
      }
    }
    #expect(try await store.removeRecords(of: "s", limit: 3) == 3)
    #expect(try await store.records(of: "s", after: nil, limit: ReadLimit()).count == 2)
    #expect(try await store.removeRecords(of: "s", limit: 3) == 2)
    #expect(try await store.removeRecords(of: "s", limit: 3) == 0)
    #expect(try await store.changes(of: "s", after: 0, limit: ReadLimit()).isEmpty)
    #expect(try await store.records(of: "another", after: nil, limit: ReadLimit()).count == 5)
    // As if it had never been there.
    let again = ConsumerRecord.sample("s", .sample(1), next: 1, value: [2])
    #expect(try await store.save(again, after: 0))
    #expect(try await store.changes(of: "s", after: 0, limit: ReadLimit()).map(\.value) == [[2]])
  },

  Fact("changes come in the order in which they were made, the latest of each aggregate") {
    subject in
    let store = subject.store
    for (number, next): (Int, UInt32) in [(1, 1), (2, 1), (3, 1), (1, 2), (3, 2), (1, 3)] {
      let record = ConsumerRecord.sample("s", .sample(number), next: SequenceNumber(next))
      #expect(try await store.save(record, after: SequenceNumber(next - 1)))
      _ = try await store.save(.sample("another", .sample(number), next: 1), after: 0)
    }
    let changes = try await store.changes(of: "s", after: 0, limit: ReadLimit(count: 10))
    #expect(changes.map(\.root) == [2, 3, 1].map { Root.sample($0) })
    #expect(changes.map(\.next) == [1, 2, 3])
    let revisions = changes.map(\.revision)
    #expect(revisions == revisions.sorted() && Set(revisions).count == 3)

    let first = try await store.changes(of: "s", after: 0, limit: ReadLimit(count: 1))
    #expect(first == [changes[0]])
    let rest = try await store.changes(
      of: "s", after: first[0].revision, limit: ReadLimit(count: 10))
    #expect(rest == Array(changes[1...]))
    #expect(
      try await store.changes(of: "s", after: revisions[2], limit: ReadLimit(count: 10)).isEmpty)
    #expect(
      try await store.changes(of: "s", after: Revision(.max), limit: ReadLimit(count: 10)).isEmpty)
  },
]
