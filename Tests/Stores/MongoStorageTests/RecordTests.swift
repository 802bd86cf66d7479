import Contracts
import EventModel
import EventSourcing
import Testing

@testable import MongoStorage

@Suite(.timeLimit(.minutes(5))) struct RecordTests {
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
      let changes = try await domain.changes(of: "s", after: 0, limit: ReadLimit(count: 10))
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
      let seen = try await domain.changes(of: "s", after: 0, limit: ReadLimit(count: 10))
      _ = try raw.withClient { try domain.layout.records($0).number([save]) }
      #expect(try await domain.changes(of: "s", after: 0, limit: ReadLimit(count: 10)) == seen)
      #expect(try await domain.changes(of: "s", after: 1, limit: ReadLimit(count: 10)).isEmpty)
      await storage.close()
    }
  }

  @Test func noChangeIsSkippedWhereManyWaitForTheirNumbers() async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri)
      let domain = try await storage.orders()
      let raw = try RawClient(uri)
      // A writer that stalls between reserving its numbers and giving them, and one that overtakes
      // it.
      let slow = (0..<Limits.group.count + 6).map { _ in save(.random()) }
      let other = save(.random())
      let first = try raw.withClient { client in
        let records = domain.layout.records(client)
        _ = try records.save(slow)
        let first = try records.reserve(slow.count)
        _ = try records.save([other])
        _ = try records.number([other])
        return first
      }
      var found = try await domain.changes(of: "s", after: 0, limit: ReadLimit(count: 10_000))
      _ = try raw.withClient { try domain.layout.records($0).number(slow, from: first) }
      while let last = found.last {
        let more = try await domain.changes(
          of: "s", after: last.revision, limit: ReadLimit(count: 10_000))
        if more.isEmpty { break }
        found += more
      }
      #expect(Set(found.map(\.root)).count == slow.count + 1)
      await storage.close()
    }
  }

  @Test func anotherSubscriptionsRecordsDoNotKeepAWatcherBusy() async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri)
      let domain = try await storage.orders()
      // At once, so that records of both are saved in one group.
      try await withThrowingTaskGroup { group in
        for number in 0..<40 {
          let record = ConsumerRecord(
            subscription: number % 2 == 0 ? "watched" : "other", root: .random(), next: 1,
            value: nil, updatedAt: Timestamp(seconds: 1))
          group.addTask { _ = try await domain.save(record, after: 0) }
        }
        try await group.waitForAll()
      }
      let watching = Task {
        var reads = 0
        var revision: Revision = 0
        while !Task.isCancelled {
          let changes = try await domain.changes(
            of: "watched", after: revision, limit: ReadLimit(count: 100))
          reads += 1
          if changes.isEmpty { await domain.waitForChanges(of: "watched", after: revision) }
          revision = changes.last?.revision ?? revision
        }
        return reads
      }
      for _ in 0..<50 { _ = try await domain.head(ofPartition: 0) }
      watching.cancel()
      // One that brings them all, and one that finds no more.
      #expect(try await watching.value <= 2)
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
