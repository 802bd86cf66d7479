import EventModel
import EventSourcing
import Testing

let storageFacts: [Fact] = [
  Fact("domains are listed in order, whatever is in their names") { subject async throws in
    let names = ["bank", "a/b", "..", "50%", "Kunden ü", "con:1", "a.b", "bank-2", "%41"]
    for name in names {
      #expect(try await subject.storage.domain(name).domain == name)
    }
    #expect(try await subject.storage.domains() == (names + [Subject.domain]).sorted())
  },

  Fact("a domain asked for twice, also at once, is the same") { subject async throws in
    let storage = subject.storage
    let stores = try await withThrowingTaskGroup { group in
      for _ in 0..<8 { group.addTask { try await storage.domain("bank") } }
      return try await group.reduce(into: [any DomainStore]()) { $0.append($1) }
    }
    for (number, store) in stores.enumerated() {
      var commit = Commit.sample(.sample(number), at: 0)
      commit.cover = Cover(domain: "bank", root: .sample(number))
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
