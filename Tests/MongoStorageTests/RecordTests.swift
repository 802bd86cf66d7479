import EventModel
import EventSourcing
import Testing

@testable import MongoStorage

@Suite struct RecordTests {
  private func save(_ root: Root, after previous: SequenceNumber = 0) -> RecordCollection.Save {
    RecordCollection.Save(
      record: ConsumerRecord(
        subscription: "s", root: root, next: SequenceNumber(previous.rawValue + 1), value: [1],
        updatedAt: Timestamp(seconds: 1)),
      previous: previous, id: .random())
  }

  @Test func aChangeWhoseWriterDiedBeforeItGotItsNumberIsFound() async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri)
      let domain = try await storage.orders()
      let root = Root.random()
      let isSaved = try RawClient(uri).withClient { client in
        try domain.layout.records(client).save([save(root)])
      }
      #expect(isSaved == [true])
      await domain.waitForChanges(of: "s", after: 0)
      let changes = try await domain.changes(of: "s", after: 0, limit: 10)
      #expect(changes.map(\.root) == [root])
      #expect(changes.map(\.revision) == [1])
      await storage.close()
    }
  }

  @Test func aSlowWriterDoesNotNumberWhatWasNumberedForIt() async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri)
      let domain = try await storage.orders()
      let save = save(.random())
      let raw = try RawClient(uri)
      _ = try raw.withClient { try domain.layout.records($0).save([save]) }
      let seen = try await domain.changes(of: "s", after: 0, limit: 10)
      _ = try raw.withClient { try domain.layout.records($0).number([save]) }
      #expect(try await domain.changes(of: "s", after: 0, limit: 10) == seen)
      #expect(try await domain.changes(of: "s", after: 1, limit: 10).isEmpty)
      await storage.close()
    }
  }

  @Test func theSameSaveAgainIsStillASuccessAndAnothersIsNot() async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri)
      let domain = try await storage.orders()
      let (root, other) = (Root.random(), Root.random())
      let first = save(root)
      let raw = try RawClient(uri)
      let outcomes = try raw.withClient { client in
        let records = domain.layout.records(client)
        return [
          try records.save([first, save(other)]), try records.save([first]),
          try records.save([save(root), save(other, after: 1)]),
        ]
      }
      #expect(outcomes == [[true, true], [true], [false, true]])
      await storage.close()
    }
  }
}
