import Contracts
import EventModel
import EventSourcing
import Testing

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

      let reads = LongCalls()
      for store in stores { begin(Limits.readers, reads, of: store) }
      try await reads.untilBegun(Limits.readingThreads)
      // Behind them wait reads that do not even begin.
      for store in stores { begin(100, reads, of: store) }

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

  private func begin(_ count: Int, _ reads: LongCalls, of store: SQLiteDomain) {
    reads.begin(count) { block in try await store.read(orAbsent: ()) { _ in block() } }
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
