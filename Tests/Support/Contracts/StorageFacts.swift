import EventModel
import EventSourcing
import Testing

let storageFacts: [Fact] = [
  Fact("domains are listed in order, whatever is in their names") { subject async throws in
    let names: [Name] = [
      "bank", "a/b", "..", "50%", "Kunden ü", "con:1", "a.b", "bank-2", "%41", "~",
    ]
    for name in names {
      let store = try await subject.storage.domain(name)
      #expect(store.domain == name)
      try await store.appendOne()
    }
    #expect(try await subject.storage.domains() == names.sorted())
  },

  Fact("domains whose names only look alike are different") { subject async throws in
    try await append(toEach: lookalikes, in: subject.storage)
    try await expectOwnLog(ofEach: lookalikes, in: subject.storage)
  },

  Fact("a domain's name may have 255 bytes, whatever they are") { subject async throws in
    try await append(toEach: longNames, in: subject.storage)
    try await expectOwnLog(ofEach: longNames, in: subject.storage)
  },

  Fact("subscriptions, leases and commands whose names only look alike are different") {
    subject async throws in
    let store = subject.store
    for (number, name) in lookalikes.enumerated() {
      #expect(try await store.save(.sample(name, .sample(1), next: 1), after: 0))
      #expect(try await store.acquire(name, owner: "a", duration: .seconds(9))?.name == name)
      try await store.park(
        ParkedAggregate(
          subscription: name, root: .sample(1), firstSequence: 0, reason: "",
          statusCode: .invalidArgument,
          tries: 1, parkedAt: Timestamp(seconds: Int64(number))))
      let commit = Commit.sample(
        .sample(1), at: SequenceNumber(UInt32(number)), commandID: name.text)
      #expect(try await store.append(commit) == .appended(Position(number: UInt64(number) + 1)))
    }
    for (number, name) in lookalikes.enumerated() {
      #expect(try await store.record(of: name, root: .sample(1))?.subscription == name)
      #expect(try await store.parked(by: name, after: nil, limit: 9).map(\.subscription) == [name])
      let commit = try await store.commit(of: .sample(1), commandID: name.text)
      #expect(commit?.position.number == UInt64(number) + 1)
    }
    let owner = try #require(try await store.acquire("l", owner: "K", duration: .seconds(9)))
    #expect(try await store.acquire("l", owner: "\u{212A}", duration: .seconds(9)) == nil)
    let impostor = Lease(name: "l", owner: "\u{212A}", token: owner.token)
    await #expect(throws: StorageError.self) {
      try await store.advance("s", to: Position(number: 1), holding: impostor)
    }
  },

  Fact("asking for a domain and reading it creates nothing; its first event does") {
    subject async throws in
    for number in 0..<200 {
      let store = try await subject.storage.domain("name-\(number)")
      #expect(try await store.wholeLog().isEmpty)
      #expect(try await store.next(of: .sample(1)) == 0)
      #expect(try await store.load(.sample(1)).next == 0)
      #expect(try await store.commits(of: .sample(1), from: 0, limit: ReadLimit()).isEmpty)
      #expect(try await store.commit(of: .sample(1), commandID: "c") == nil)
      #expect(try await store.head(ofPartition: 0) == Position(number: 0))
      #expect(try await store.roots(after: nil, limit: 1).isEmpty)
      #expect(try await store.record(of: "s", root: .sample(1)) == nil)
      #expect(try await store.records(of: "s", after: nil, limit: ReadLimit(count: 1)).isEmpty)
      #expect(try await store.changes(of: "s", after: 0, limit: ReadLimit(count: 1)).isEmpty)
      #expect(try await store.checkpoint(of: "s", partition: 0) == Position(number: 0))
      #expect(try await store.parked(by: "s", after: nil, limit: 1).isEmpty)
    }
    #expect(try await subject.storage.domains().isEmpty)
    #expect(try await !subject.storage.exists("name-0"))

    let store = try await subject.storage.domain("name-0")
    try await store.appendOne()
    #expect(try await subject.storage.domains() == ["name-0"])
    #expect(try await subject.storage.exists("name-0"))
    #expect(try await !subject.storage.exists("name-1"))
  },

  Fact("who follows a domain that does not exist sees its first event") { subject async throws in
    let store = try await subject.storage.domain("later")
    let following = Task {
      while try await store.head(ofPartition: 0).number == 0 {
        await store.waitForLog(after: Position(number: 0))
      }
    }
    try await subject.storage.domain("later").appendOne()
    try await following.value
  },

  Fact("a domain asked for twice, also at once, is the same") { subject async throws in
    let storage = subject.storage
    let stores = try await withThrowingTaskGroup { group in
      for _ in 0..<8 { group.addTask { try await storage.domain("bank") } }
      return try await group.reduce(into: [any DomainStore]()) { $0.append($1) }
    }
    for (number, store) in stores.enumerated() {
      let commit = Commit.sample(.sample(number), at: 0, in: "bank")
      #expect(try await store.append(commit) == .appended(Position(number: UInt64(number) + 1)))
    }
  },

  Fact("domains share nothing") { subject async throws in
    let other = try await subject.storage.domain("bank")
    _ = try await subject.store.append(.sample(.sample(1), at: 0, commandID: "c"))
    _ = try await subject.store.save(.sample("s", .sample(1), next: 1), after: 0)
    #expect(try await other.next(of: .sample(1)) == 0)
    #expect(try await other.wholeLog().isEmpty)
    #expect(try await other.commit(of: .sample(1), commandID: "c") == nil)
    #expect(try await other.record(of: "s", root: .sample(1)) == nil)
  },

  Fact("a probe answers, and what it tells of space is possible") { subject async throws in
    let condition = try await subject.storage.probe()
    if let space = condition.space { #expect(space.free <= space.total && space.total > 0) }
  },

  Fact("closing twice does no harm, and a closed storage says so") { subject async throws in
    await subject.storage.close()
    await subject.storage.close()
    await #expect {
      _ = try await subject.storage.domain("bank")
    } throws: { error in
      (error as? StorageError)?.code == .unavailable
    }
  },
]
