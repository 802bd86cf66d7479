import CSQLite
import Contracts
import EventModel
import EventSourcing
import Foundation
import Testing
import Threads

@testable import SQLiteStorage

@Suite(.timeLimit(.minutes(5))) struct WriterTests {
  @Test func writesThatComeTogetherShareATransaction() async throws {
    try await withStore { store, _ in
      let writer = try await store.file().writer
      let before = writer.groupCount.load(ordering: .relaxed)
      try await store.whileWriterIsHeld(untilWaiting: 100) {
        try await withThrowingTaskGroup { group in
          for _ in 0..<100 { group.addTask { _ = try await store.append(.sample(.random())) } }
          try await group.waitForAll()
        }
      }
      #expect(writer.groupCount.load(ordering: .relaxed) == before + 2)
      #expect(try await store.wholeLog().count == 100)
    }
  }

  @Test func inOneGroupEachWriteHasItsOwnOutcome() async throws {
    try await withStore { store, _ in
      let root = Root.random()
      let first = Commit.sample(root, commandID: "c")
      let stored = RecordedCommit(position: Position(number: 1), commit: first)
      let writes: [(Commit, AppendOutcome)] = [
        (first, .appended(Position(number: 1))),
        (.sample(root, at: 0), .conflict(next: 1)),
        (.sample(root, at: 1, commandID: "c"), .alreadyHandled(stored)),
        (.sample(root, at: 1), .appended(Position(number: 2))),
      ]
      let lease = Lease(name: "l", owner: "nobody", token: 1)
      try await store.whileWriterIsHeld(untilWaiting: 5) {
        // Put in one after the other: their order in the group decides who is first.
        let fenced = Task { try await store.advance("s", to: Position(number: 1), holding: lease) }
        try await store.waitUntilQueued(1)
        var appending: [Task<AppendOutcome, any Error>] = []
        for (number, write) in writes.enumerated() {
          appending.append(Task { try await store.append(write.0) })
          if number < 3 { try await store.waitUntilQueued(number + 2) }
        }
        for (task, write) in zip(appending, writes) {
          let outcome = try await task.value
          #expect(outcome == write.1)
        }
        await expectFailure(.fenced) { try await fenced.value }
      }
    }
  }

  /// Its first append finds nothing barred in the file.
  @Test func aBarHoldsForWhatComesBehindItInItsGroup() async throws {
    try await withStore { store, _ in
      let root = Root.random()
      try await store.whileWriterIsHeld(untilWaiting: 3) {
        let before = Task { try await store.append(.sample(root, commandID: "b")) }
        try await store.waitUntilQueued(1)
        let bar = Task { try await store.bar("c", of: root, as: .expired) }
        try await store.waitUntilQueued(2)
        let behind = try await store.append(.sample(root, at: 1, commandID: "c"))
        #expect(behind == .barred(.expired))
        #expect(try await bar.value == .barred(.expired))
        #expect(try await before.value == .appended(Position(number: 1)))
      }
    }
  }

  @Test func aWriteIsBehindOneGroupInTheBackgroundAtMost() async throws {
    try await withStore { store, _ in
      let writer = try await store.file().writer
      let count = 10 * Limits.backgroundGroup.count
      try await store.whileWriterIsHeld(untilWaiting: count + 1) {
        let before = writer.groupCount.load(ordering: .relaxed)
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<count {
            group.addTask {
              let isSaved = try await WriteUrgency.$current.withValue(.background) {
                try await store.save(.sample(value: [1]), after: 0)
              }
              #expect(isSaved)
            }
          }
          try await store.waitUntilQueued(count)
          let groupsBefore = try await store.write { _ throws(SQLiteFailure) in
            writer.groupCount.load(ordering: .relaxed)
          }
          // The one that held the writer, and one in the background.
          #expect(groupsBefore == before + 2)
          try await group.waitForAll()
        }
      }
      #expect(try await store.records(of: "s", after: nil, limit: ReadLimit()).count == count)
    }
  }

  @Test func whatIsInTheBackgroundIsNotSyncedByItself() async throws {
    try await withTemporaryDirectory { directory in
      let path = "\(directory)/orders.db"
      let writer = try Writer(
        domain: "orders", path: path, .creating, version: nil,
        signal: ChangeSignal(pollInterval: Limits.pollInterval))
      func mode(ofGroup isInBackground: [Bool]) -> Int64? {
        let probes = isInBackground.map(SynchronousMode.init(inBackground:))
        writer.write(probes)
        return probes.last?.found
      }
      // NORMAL is 1, FULL is 2 (sqlite.org/pragma.html#pragma_synchronous).
      #expect(mode(ofGroup: [false]) == 2)
      #expect(mode(ofGroup: [true, true]) == 1)
      #expect(mode(ofGroup: [true]) == 1)
      #expect(mode(ofGroup: [true, false]) == 2)
    }
  }

  @Test func readsGoOnWhileAWriteIsUnderWay() async throws {
    try await withStore { store, _ in
      let root = Root.random()
      _ = try await store.append(.sample(root))
      try await store.whileWriterIsHeld(untilWaiting: 1) {
        #expect(try await store.next(of: root) == 1)
        #expect(try await store.wholeLog().count == 1)
        _ = try await store.append(.sample(root, at: 1))
      }
    }
  }

  @Test func theWriteAheadLogIsBounded() async throws {
    try await withStore { store, _ in
      let chunk = 200_000
      let limit = Limits.pagesInLog.max * 4096
      for _ in 0..<(3 * limit / chunk) {
        _ = try await store.append(.sample(.random(), bodySize: chunk))
      }
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(store.path)-wal")
      let size = try #require(attributes[.size] as? Int)
      #expect(size < 2 * limit)
    }
  }

  @Test func aLogIsCopiedOnceAReaderHoldsItBack() async throws {
    try await withTemporaryDirectory { directory in
      let path = "\(directory)/orders.db"
      let connection = try Schema.openForWriting(path, of: "orders", .creating, by: nil)
      let reader = try Schema.openForReading(path)
      try reader.execute("BEGIN; SELECT * FROM domain")
      func write() throws {
        try connection.execute("INSERT INTO checkpoints VALUES (hex(randomblob(9)), 0, 1)")
      }
      try write()
      #expect(connection.pagesToCopy > 0)
      try connection.copyLog()
      // Nothing new is there, whatever the reader holds back.
      #expect(connection.pagesToCopy == 0)
      try write()
      let one = connection.pagesToCopy
      try write()
      #expect(connection.pagesToCopy > one)
      try reader.execute("COMMIT")
      try connection.copyLog()
      // The log begins anew.
      try write()
      #expect(connection.pagesToCopy <= one)
      #expect(connection.pagesToCopy > 0)
    }
  }

  @Test func closingLeavesOneFileAndItsLock() async throws {
    try await withTemporaryDirectory { directory in
      let storage = try SQLiteStorage(directory: directory)
      let store = try await storage.domain("orders")
      _ = try await store.append(.sample(.random()))
      await storage.close()
      let files = try FileManager.default.contentsOfDirectory(atPath: directory)
      #expect(files.sorted() == ["orders.db", "orders.db.lock"])
      await expectFailure(.unavailable, saying: ["closed"]) {
        _ = try await store.append(.sample(.random()))
      }
      await expectFailure(.unavailable, saying: ["closed"]) { _ = try await store.wholeLog() }
      await store.waitForLog(after: Position(number: 99))
    }
  }
}

extension SQLiteDomain {
  func waitUntilQueued(_ count: Int) async throws {
    let writes = try await file().writes
    while writes.count < count { await Task.yield() }
  }
}

/// A write that looks how its group is written.
private final class SynchronousMode: Job<WriteGroup> {
  private(set) var found: Int64?

  override func perform(in group: inout WriteGroup) throws(SQLiteFailure) {
    let query = try group.connection.statement("PRAGMA synchronous")
    defer { query.reset() }
    found = try query.step() ? query.integer(0) : nil
  }

  override func finish(_ error: StorageError?) { #expect(error == nil) }
}
