import EventModel
import EventSourcing
import Testing

let reopeningFacts: [Fact] = [
  Fact("a command that two processes append at once is a conflict for neither") {
    subject async throws in
    let (root, here) = (Root.sample(1), subject.store)
    let other = try await subject.openBeside()
    let there = try await other.domain(Subject.domain)
    _ = try await here.append(.sample(root, at: 0))
    for number: UInt32 in 1...100 {
      let (place, id) = (SequenceNumber(number), "command \(number)")
      async let first = here.append(.sample(root, at: place, commandID: id))
      async let second = there.append(.sample(root, at: place, commandID: id))
      let outcomes = try await [first, second]
      let stored = try #require(try await here.commit(of: root, commandID: id))
      #expect(outcomes.contains(.appended(stored.position)))
      #expect(outcomes.contains(.alreadyHandled(stored)))
    }
    await other.close()
  },

  Fact("events, snapshots and command ids survive a restart, and positions go on") {
    subject async throws in
    for number in 0..<10 {
      let commit = Commit.sample(
        .sample(number % 4), at: SequenceNumber(UInt32(number / 4) * 2), pages: 2,
        snapshot: number == 5 ? Snapshot(sequence: 2, state: [5]) : nil, commandID: "c\(number)")
      _ = try await subject.store.append(commit)
    }
    let log = try await subject.store.wholeLog()
    let aggregate = try await subject.store.load(.sample(1))
    try await subject.reopen()
    #expect(try await subject.store.wholeLog() == log)
    #expect(try await subject.store.load(.sample(1)) == aggregate)
    #expect(try await subject.store.commit(of: .sample(3), commandID: "c7") == log[7])
    #expect(
      try await subject.store.append(.sample(.sample(9), at: 0)) == .appended(Position(number: 11)))
    #expect(try await subject.storage.domains() == [Subject.domain])
  },

  Fact("how barred commands ended survives a restart") { subject async throws in
    for (number, end) in EndWithoutEvents.samples.enumerated() {
      _ = try await subject.store.bar("c", of: .sample(number), as: end)
    }
    try await subject.reopen()
    for (number, end) in EndWithoutEvents.samples.enumerated() {
      let root = Root.sample(number)
      #expect(try await subject.store.conclusion(of: root, commandID: "c") == .barred(end))
      #expect(
        try await subject.store.append(.sample(root, at: 0, commandID: "c")) == .barred(end))
    }
  },

  Fact("checkpoints, records, parked aggregates and leases survive a restart") {
    subject async throws in
    let lease = try #require(
      try await subject.store.acquire("l", owner: "a", duration: .seconds(10)))
    try await subject.store.advance("s", to: Position(number: 8), holding: lease)
    _ = try await subject.store.save(.sample("s", .sample(1), next: 3), after: 0)
    let parked = ParkedAggregate(
      subscription: "s", root: .sample(2), firstSequence: 1, reason: "no",
      statusCode: .invalidArgument, tries: 2,
      parkedAt: Timestamp(seconds: 5))
    try await subject.store.park(parked)
    let records = try await subject.store.records(of: "s", after: nil, limit: ReadLimit(count: 10))

    try await subject.reopen()
    #expect(try await subject.store.checkpoint(of: "s", partition: 0) == Position(number: 8))
    #expect(
      try await subject.store.records(of: "s", after: nil, limit: ReadLimit(count: 10)) == records)
    #expect(try await subject.store.parked(by: "s", root: .sample(2)) == parked)
    let holding = try await subject.store.holding(of: "l")
    #expect(holding?.owner == lease.owner)
    #expect(holding?.token == lease.token)
    try await subject.store.advance("s", to: Position(number: 9), holding: lease)
    _ = try await subject.store.save(.sample("s", .sample(2), next: 1), after: 0)
    let changes = try await subject.store.changes(
      of: "s", after: records[0].revision, limit: ReadLimit(count: 10))
    #expect(changes.map(\.root) == [.sample(2)])
  },

  Fact("what was under way when it closed is there, or was refused") { subject async throws in
    let store = subject.store
    let storage = subject.storage
    let appending = (0..<100).map { number in
      Task { try? await store.append(.sample(.sample(number), at: 0)) }
    }
    await storage.close()
    var acknowledged: Set<UInt64> = []
    for task in appending {
      if case .appended(let position) = await task.value { acknowledged.insert(position.number) }
    }
    try await subject.reopen()
    let positions = try await subject.store.wholeLog().map(\.position.number)
    #expect(Set(positions) == acknowledged)
  },

  Fact("domains whose names only look alike stay different over a restart") {
    subject async throws in
    try await append(toEach: lookalikes + longNames, in: subject.storage)
    try await subject.reopen()
    try await expectOwnLog(ofEach: lookalikes + longNames, in: subject.storage)
  },
]
