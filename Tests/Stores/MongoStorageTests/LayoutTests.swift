import Contracts
import EventModel
import EventSourcing
import Testing

@testable import MongoStorage

@Suite(.timeLimit(.minutes(5))) struct LayoutTests {
  @Test func documentsAreReadableInAnyTool() async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri)
      let commit = Commit.sample(.random(), commandID: "c-1")
      _ = try await storage.orders().append(commit)
      await storage.close()
      let stored = try #require(
        try RawClient(uri).withClient { try $0.collection("commits.orders").first([:]) })
      let key = commit.cover.root.bytes + [0, 0, 0, 0]
      #expect(stored["_id"] == .binary(key))
      #expect(stored["root"] == .binary(commit.cover.root.bytes, subtype: 4))
      #expect(stored["events"] == ["shop.OrderPlaced"])
      #expect(stored["createdAt"] == .date(1_700_000_000_123))
      #expect(stored["commandId"] == "c-1")
      #expect(stored["pages"] == .binary(commit.pages.bytes))
      #expect(stored["position"]?.integer == 1)
    }
  }

  @Test func howACommandEndedIsReadableToo() async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri)
      let (store, root) = (try await storage.orders(), Root.random())
      let refusal = ErrorStatus(.failedPrecondition, "sold out", trailers: [1, 2])
      _ = try await store.bar("c-1", of: root, as: .refused(refusal))
      let raw = try RawClient(uri)
      let stored = try #require(
        try raw.withClient { try $0.collection("commits.orders").first([:]) })
      #expect(stored["tombstone"] == true)
      #expect(stored["commandId"] == "c-1")
      #expect(stored["ending"] == "refused")
      #expect(stored["code"]?.integer == 9)
      #expect(stored["message"] == "sold out")
      #expect(stored["trailers"] == .binary([1, 2]))

      _ = try raw.withClient {
        try $0.collection("commits.orders").update([:], ["$set": ["ending": "perhaps"]])
      }
      let place = ["orders/\(root)"]
      await expectFailure(.corrupt, saying: place) {
        _ = try await store.conclusion(of: root, commandID: "c-1")
      }
      await expectFailure(.corrupt, saying: place) {
        _ = try await store.append(.sample(root, commandID: "c-1"))
      }
      await storage.close()
    }
  }

  @Test func anIndexThatIsMissingIsMadeAgain() async throws {
    try await withDatabase { uri in
      for _ in 0..<2 {
        let storage = try MongoStorage(uri: uri)
        _ = try await storage.orders()
        await storage.close()
        let raw = try RawClient(uri)
        let names = try raw.withClient { client in
          try client.collection("commits.orders").indexes().compactMap { $0["name"]?.text }
        }
        #expect(Set(names) == ["_id_", "position", "command", "cause"])
        try raw.run(["dropIndexes": "commits.orders", "index": "position"])
      }
    }
  }

  @Test(
    arguments: [
      ["key": ["partition": .int32(1), "position": .int32(1)], "name": "mine"],
      ["key": ["partition": .int32(1)], "name": "position"],
      ["key": ["root": .int32(1)], "name": "mine", "unique": true],
      ["key": ["createdAt": .int32(1)], "name": "mine", "expireAfterSeconds": 60],
    ] as [BSONDocument])
  func aWrongIndexIsRefusedWithWhatToDo(_ index: BSONDocument) async throws {
    try await withDatabase { uri in
      try RawClient(uri).run([
        "createIndexes": "commits.orders", "indexes": [.document(index)],
      ])
      let storage = try MongoStorage(uri: uri)
      let name = try #require(index["name"]?.text)
      await expectFailure(.incompatible, saying: ["commits.orders", "dropIndex(\"\(name)\")"]) {
        _ = try await storage.orders()
      }
      await storage.close()
    }
  }

  @Test func aHarmlessIndexOfTheirOwnStays() async throws {
    try await withDatabase { uri in
      try RawClient(uri).run([
        "createIndexes": "commits.orders",
        "indexes": [["key": ["events": .int32(1)], "name": "mine"]],
      ])
      let storage = try MongoStorage(uri: uri)
      #expect(try await storage.orders().next(of: .random()) == 0)
      await storage.close()
    }
  }

  @Test func theNumberOfPartitionsIsFixedWhenADomainIsCreated() async throws {
    try await withDatabase { uri in
      for (asked, found): (UInt32?, UInt32?) in [(3, 3), (nil, 3), (3, 3), (1, nil), (4, nil)] {
        let storage = try MongoStorage(uri: uri, partitions: asked)
        if let found {
          #expect(try await storage.orders().partitions == found)
        } else {
          await expectFailure(.incompatible, saying: ["has 3 partitions", "orders"]) {
            _ = try await storage.domain("orders")
          }
        }
        await storage.close()
      }
    }
  }

  @Test func aDomainFromBeforeAgendasGetsOne() async throws {
    try await withDatabase { uri in
      let before = try MongoStorage(uri: uri)
      let commit = Commit.sample(.random())
      _ = try await before.orders().append(commit)
      await before.close()
      try RawClient(uri).run(["drop": "agenda.orders"])

      let storage = try MongoStorage(uri: uri)
      let store = try await storage.orders()
      let entry = AgendaEntry(
        agenda: "a", key: AgendaKey(root: .random(), sequence: 1), due: Timestamp(seconds: 5))
      try await store.enter([entry])
      #expect(try await store.entries(of: "a", dueBy: nil, limit: 9) == [entry])
      #expect(try await store.wholeLog().map(\.commit) == [commit])
      await storage.close()
      let names = try RawClient(uri).withClient { client in
        try client.collection("agenda.orders").indexes().compactMap { $0["name"]?.text }
      }
      #expect(Set(names) == ["_id_", "due"])
    }
  }

  @Test func aLaterFormatIsRefusedWithTheVersionThatWroteIt() async throws {
    try await withDatabase { uri in
      let writer = try MongoStorage(uri: uri, version: "1.4.0")
      _ = try await writer.orders().append(.sample(.random()))
      await writer.close()
      let raw = try RawClient(uri)
      #expect(try record(raw)?["version"] == "1.4.0")
      _ = try raw.withClient { client in
        try client.collection("domains").insert([
          ["_id": "bills", "format": 3, "partitions": 1, "version": "2.0.0"]
        ])
      }
      let storage = try MongoStorage(uri: uri, version: "1.4.0")
      await expectFailure(
        .incompatible,
        saying: [
          "bills was written by Outrider 2.0.0, format 3;", "knows format 2:", "use 2.0.0 or newer",
        ]
      ) { _ = try await storage.domain("bills") }
      await storage.close()
    }
  }

  /// Before bars: where the version looked for a command's commit, it would find a tombstone.
  @Test func aDomainOfFormatOneIsTakenAndRefusedByOlderVersionsFromThenOn() async throws {
    try await withDatabase { uri in
      let raw = try RawClient(uri)
      let before = try MongoStorage(uri: uri, partitions: 3)
      let commit = Commit.sample(.random(), commandID: "c")
      _ = try await before.orders().append(commit)
      await before.close()
      try setFormat(1, raw)

      // A setting that does not fit is no reason to lock older versions out.
      let mistaken = try MongoStorage(uri: uri, partitions: 4)
      await #expect(throws: StorageError.self) { _ = try await mistaken.domain("orders") }
      await mistaken.close()
      #expect(try format(raw) == 1)

      let storage = try MongoStorage(uri: uri, version: "1.4.0")
      let store = try await storage.domain("orders")
      #expect(try format(raw) == 2)
      #expect(try record(raw)?["version"] == "1.4.0")
      #expect(store.partitions == 3)
      #expect(try await store.commit(of: commit.cover.root, commandID: "c")?.commit == commit)
      #expect(
        try await store.bar("d", of: commit.cover.root, as: .expired) == .barred(.expired))
      await storage.close()
    }
  }

  @Test func aNewDomainHasTheNewestFormat() async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri)
      _ = try await storage.orders()
      await storage.close()
      #expect(try format(RawClient(uri)) == 2)
    }
  }

  @Test(arguments: [0, 3] as [Int64])
  func aFormatThatIsNotKnownIsRefused(_ other: Int64) async throws {
    try await withDatabase { uri in
      let raw = try RawClient(uri)
      let before = try MongoStorage(uri: uri)
      _ = try await before.orders()
      await before.close()
      try setFormat(other, raw)
      let storage = try MongoStorage(uri: uri)
      await expectFailure(
        .incompatible, saying: ["format \(other)", "knows format 2", "the version that wrote it"]
      ) {
        _ = try await storage.domain("orders")
      }
      await storage.close()
      #expect(try format(raw) == other)
    }
  }

  private func format(_ raw: RawClient) throws -> Int64? { try record(raw)?["format"]?.integer }

  private func record(_ raw: RawClient) throws -> BSONDocument? {
    try raw.withClient { try $0.collection("domains").first(["_id": "orders"]) }
  }

  private func setFormat(_ format: Int64, _ raw: RawClient) throws {
    _ = try raw.withClient {
      try $0.collection("domains").update(
        ["_id": "orders"], ["$set": ["format": .int64(format)]])
    }
  }
}
