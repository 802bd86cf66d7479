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
      let limit = Limits.pagesInLog * 4096
      for _ in 0..<(3 * limit / chunk) {
        _ = try await store.append(.sample(.random(), bodySize: chunk))
      }
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(store.path)-wal")
      let size = try #require(attributes[.size] as? Int)
      #expect(size < 2 * limit)
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
