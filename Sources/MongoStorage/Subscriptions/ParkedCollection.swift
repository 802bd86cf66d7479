import EventModel
import EventSourcing

/// The aggregates that consumers refuse.
struct ParkedCollection {
  let collection: Collection

  func park(_ aggregate: ParkedAggregate) throws(MongoFailure) {
    _ = try collection.update(
      ["_id": ConsumerKey.of(aggregate.subscription, aggregate.root)],
      [
        "$set": [
          "subscription": .name(aggregate.subscription), "root": .uuid(aggregate.root),
          "firstSequence": .sequence(aggregate.firstSequence), "reason": .string(aggregate.reason),
          "statusCode": .int64(Int64(aggregate.statusCode)),
          "tries": .int64(Int64(aggregate.tries)),
          "parkedAt": .date(aggregate.parkedAt.milliseconds),
          "parkedNanos": aggregate.parkedAt.restOfMillisecond ?? .int32(0),
        ]
      ], upsert: true)
  }

  func unpark(_ subscription: Name, root: Root) throws(MongoFailure) {
    try collection.delete(["_id": ConsumerKey.of(subscription, root)])
  }

  /// Oldest first.
  func parked(by subscription: Name?) throws(MongoFailure) -> [ParkedAggregate] {
    let cursor = collection.find(
      subscription.map { ["subscription": .name($0)] } ?? [:],
      ["sort": ["parkedAt": 1, "parkedNanos": 1, "subscription": 1, "root": 1]])
    var parked: [ParkedAggregate] = []
    while let document = try cursor.next() { parked.append(try decode(document)) }
    return parked
  }

  private func decode(_ document: BSONDocument) throws(MongoFailure) -> ParkedAggregate {
    ParkedAggregate(
      subscription: try document.name("subscription"), root: try document.root("root"),
      firstSequence: try document.sequence("firstSequence"), reason: try document.text("reason"),
      statusCode: Int(document["statusCode"]?.integer ?? 0),
      tries: Int(document["tries"]?.integer ?? 0),
      parkedAt: try document.time("parkedAt", nanoseconds: "parkedNanos"))
  }
}

/// The `_id` of what a consumer has about an aggregate.
enum ConsumerKey {
  static func of(_ subscription: Name, _ root: Root) -> BSONValue {
    .string("\(root) \(subscription)")
  }
}
