import Contracts
import EventModel
import EventSourcing
import Testing

@testable import MongoStorage

/// A consumer keeps its lease however many calls wait for the database.
@Suite(.timeLimit(.minutes(5))) struct LeaseRenewalTests {
  @Test func aLeaseIsAcquiredAndRenewedWhileLongCallsOccupyAllThreadsForThem() async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri)
      let store = try await storage.orders()
      let lease = try #require(try await store.take("p/0"))

      let calls = LongCalls()
      begin(Limits.callThreads, calls, of: store)
      try await calls.untilBegun(Limits.callThreads)
      // Behind them wait calls that do not even begin.
      begin(100, calls, of: store)

      #expect(try await store.take("p/0") == lease)
      #expect(try await store.renew([lease], for: .seconds(60)) == [lease])
      #expect(try await store.take("p/1") != nil)
      try await store.release(lease)
      #expect(calls.begun == Limits.callThreads, "all this time no call has ended")

      try await calls.end()
      await storage.close()
    }
  }

  private func begin(_ count: Int, _ calls: LongCalls, of store: MongoDomain) {
    calls.begin(count) { block in
      try await store.calls.call { _ throws(MongoFailure) in block() }
    }
  }
}

extension MongoDomain {
  fileprivate func take(_ name: Name) async throws -> Lease? {
    try await acquire(name, owner: "me", duration: .seconds(60))
  }
}
