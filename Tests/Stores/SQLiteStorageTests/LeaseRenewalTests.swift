import Dispatch
import EventModel
import EventSourcing
import Synchronization
import Testing
import Threads

@testable import SQLiteStorage

/// A consumer keeps its lease however busy the store's readers are.
@Suite(.timeLimit(.minutes(5))) struct LeaseRenewalTests {
  @Test func aLeaseIsRenewedWhileLongReadsOccupyAllReadingThreads() async throws {
    try await withTemporaryDirectory { directory in
      let storage = try SQLiteStorage(directory: directory)
      // Of one domain few reads are made at a time: several have to come together.
      let stores = try await stores(Limits.readingThreads / Limits.readers, of: storage)
      let lease = try #require(
        try await stores[0].acquire("p/0", owner: "me", duration: .seconds(60)))

      let reads = LongReads()
      for store in stores { reads.begin(Limits.readers, of: store) }
      try await reads.untilBegun(Limits.readingThreads)
      // Behind them wait reads that do not even begin.
      for store in stores { reads.begin(100, of: store) }

      let renewed = try await stores[0].acquire("p/0", owner: "me", duration: .seconds(60))
      #expect(renewed == lease)
      try await stores[0].advance("p", to: Position(number: 1), holding: lease)
      // A file that has to be opened for it is opened, too.
      let other = try await storage.sqliteDomain("opened-meanwhile")
      #expect(try await other.acquire("p/0", owner: "me", duration: .seconds(60)) != nil)
      #expect(reads.begun == Limits.readingThreads, "all this time no read has ended")

      try await reads.end()
      await storage.close()
    }
  }

  private func stores(_ count: Int, of storage: SQLiteStorage) async throws -> [SQLiteDomain] {
    var stores: [SQLiteDomain] = []
    for number in 0..<count {
      let store = try await storage.sqliteDomain("busy-\(number)")
      _ = try await store.acquire("other", owner: "me", duration: .seconds(60))
      stores.append(store)
    }
    return stores
  }
}

/// Reads that occupy their threads until they are told to end, and not for ever.
private final class LongReads: Sendable {
  private let tasks = Mutex<[Task<Void, any Error>]>([])
  private let begunCount = Atomic(0)
  private let gate = DispatchSemaphore(value: 0)
  private let deadline = DispatchTime.now() + 240

  var begun: Int { begunCount.load(ordering: .relaxed) }

  func begin(_ count: Int, of store: SQLiteDomain) {
    for _ in 0..<count {
      let task = Task {
        try await store.read(orAbsent: ()) { _ in
          self.begunCount.add(1, ordering: .relaxed)
          // Each lets the next one pass.
          _ = self.gate.wait(timeout: self.deadline)
          self.gate.signal()
        }
      }
      tasks.withLock { $0.append(task) }
    }
  }

  func untilBegun(_ count: Int) async throws {
    while begun < count {
      try #require(DispatchTime.now() < deadline, "the reads do not begin")
      await Task.yield()
    }
  }

  func end() async throws {
    gate.signal()
    for task in tasks.withLock({ $0 }) { try await task.value }
  }
}
