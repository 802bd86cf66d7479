import CSQLite
import Contracts
import EventModel
import EventSourcing
import Testing

@testable import SQLiteStorage

/// Two storages on one directory share nothing but its files, as two processes would.
@Suite(.timeLimit(.minutes(5))) struct SharingTests {
  @Test func twoWritersMakeOneLog() async throws {
    try await withTwoStores { stores in
      try await withThrowingTaskGroup { group in
        for store in stores {
          for number in 0..<100 {
            group.addTask { _ = try await store.append(.sample(.random(), bodySize: number)) }
          }
        }
        try await group.waitForAll()
      }
      let log = try await stores[0].wholeLog()
      #expect(log.map(\.position.number) == Array(1...200))
      #expect(try await stores[1].wholeLog() == log)
    }
  }

  @Test func ofTwoWhoAppendTheSameNumberOneSucceeds() async throws {
    try await withTwoStores { stores in
      for _ in 0..<20 {
        let root = Root.random()
        async let left = stores[0].append(.sample(root))
        async let right = stores[1].append(.sample(root))
        let conflicts = try await [left, right].filter { $0 == .conflict(next: 1) }
        #expect(conflicts.count == 1)
      }
    }
  }

  @Test func whoeverWaitsIsWokenByTheOther() async throws {
    try await withTwoStores { stores in
      let reader = stores[0]
      let waiting = Task {
        while try await reader.head(ofPartition: 0).number == 0 {
          await reader.waitForLog(after: Position(number: 0))
        }
        while try await reader.changes(of: "s", after: 0, limit: ReadLimit(count: 1)).isEmpty {
          await reader.waitForChanges(of: "s", after: 0)
        }
      }
      _ = try await stores[1].append(.sample(.random()))
      _ = try await stores[1].save(.sample(value: []), after: 0)
      try await waiting.value
      #expect(try await reader.head(ofPartition: 0).number == 1)
    }
  }

  @Test func aLeaseIsHeldByOneOfThem() async throws {
    try await withTwoStores { stores in
      let held = try await stores[0].acquire("l", owner: "a", duration: .seconds(60))
      let refused = try await stores[1].acquire("l", owner: "b", duration: .seconds(60))
      #expect(held != nil)
      #expect(refused == nil)
    }
  }

  @Test func aDomainOpenedByManyAtOnceIsCreatedOnce() async throws {
    try await withTemporaryDirectory { directory in
      try await withThrowingTaskGroup { group in
        for _ in 0..<8 {
          group.addTask {
            let storage = try SQLiteStorage(directory: directory)
            _ = try await storage.domain("orders").append(.sample(.random()))
            await storage.close()
          }
        }
        try await group.waitForAll()
      }
      let storage = try SQLiteStorage(directory: directory)
      #expect(try await storage.domain("orders").wholeLog().count == 8)
      await storage.close()
    }
  }

  @Test func aWriterWaitsForTheOtherAndThenGivesUp() async throws {
    try await withTemporaryDirectory { directory in
      let path = "\(directory)/lock"
      let left = try FileLock(path)
      let right = try FileLock(path)
      try left.hold(waitingAtMost: .zero) {
        let refused = #expect(throws: SQLiteFailure.self) {
          try right.hold(waitingAtMost: .milliseconds(1)) {}
        }
        #expect(refused?.code == SQLITE_BUSY)
      }
      try right.hold(waitingAtMost: .zero) {}
    }
  }

  private func withTwoStores(_ body: ([SQLiteDomain]) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      let storages = [
        try SQLiteStorage(directory: directory), try SQLiteStorage(directory: directory),
      ]
      try await body([
        try await storages[0].sqliteDomain("orders"), try await storages[1].sqliteDomain("orders"),
      ])
      for storage in storages { await storage.close() }
    }
  }
}
