import Contracts
import EventModel
import EventSourcing
import Testing

@testable import MongoStorage

/// A tenth at first: the engine of development takes 20 s to store and list 100,000.
@Suite(.timeLimit(.minutes(10))) struct ManyParkedTests {
  private let parked = ManyParked(count: Scale.count(of: 100_000, atFirst: 10_000))

  @Test func manyParkedAggregatesHoldUpNobody() async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri)
      let store = try await storage.orders()
      try insertParked(RawClient(uri))
      try await parked.check(store)
      await storage.close()
    }
  }

  private func insertParked(_ client: RawClient) throws {
    let names = CollectionNames(domain: "orders")
    for start in stride(from: 0, to: parked.count, by: 1000) {
      let documents = (start..<start + 1000).map { BSONValue.document(document($0)) }
      try client.run(["insert": .string(names.parked), "documents": .array(documents)])
    }
  }

  /// As `ParkedCollection.park` writes it.
  private func document(_ number: Int) -> BSONDocument {
    let root = parked.root(number)
    return [
      "_id": ConsumerKey.of(ManyParked.subscription, root),
      "subscription": .name(ManyParked.subscription), "root": .uuid(root),
      "firstSequence": .sequence(0), "reason": "no account", "statusCode": .int64(9),
      "tries": .int64(8), "parkedAt": .date(1_700_000_000_000), "parkedNanos": .int32(0),
    ]
  }
}
