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
      let record = try raw.withClient { try $0.collection("domains").first(["_id": "orders"]) }
      #expect(record?["version"] == "1.4.0")
      _ = try raw.withClient { client in
        try client.collection("domains").insert([
          ["_id": "bills", "format": 2, "partitions": 1, "version": "2.0.0"]
        ])
      }
      let storage = try MongoStorage(uri: uri, version: "1.4.0")
      await expectFailure(
        .incompatible,
        saying: [
          "bills was written by Outrider 2.0.0, format 2;", "knows format 1:", "use 2.0.0 or newer",
        ]
      ) { _ = try await storage.domain("bills") }
      await storage.close()
    }
  }

  @Test func aLaterFormatIsRefused() async throws {
    try await withDatabase { uri in
      let raw = try RawClient(uri)
      _ = try raw.withClient { client in
        try client.collection("domains").insert([
          ["_id": "orders", "format": 2, "partitions": 1]
        ])
      }
      let storage = try MongoStorage(uri: uri)
      await expectFailure(.incompatible, saying: ["format 2", "format 1", "that wrote it"]) {
        _ = try await storage.domain("orders")
      }
      await storage.close()
    }
  }
}
