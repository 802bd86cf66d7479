import EventModel
import EventSourcing
import StatusCodes

/// The parked aggregates of consumers.
struct ParkedCollection {
  let collection: Collection

  func park(_ aggregate: ParkedAggregate) throws(MongoFailure) {
    _ = try collection.update(
      ["_id": ConsumerKey.of(aggregate.subscription, aggregate.root)],
      [
        "$set": [
          "subscription": .name(aggregate.subscription), "root": .uuid(aggregate.root),
          "firstSequence": .sequence(aggregate.firstSequence), "reason": .string(aggregate.reason),
          "statusCode": .int64(Int64(aggregate.statusCode.rawValue)),
          "tries": .int64(Int64(aggregate.tries)),
          "parkedAt": .date(aggregate.parkedAt.milliseconds),
          "parkedNanos": aggregate.parkedAt.restOfMillisecond ?? .int32(0),
        ]
      ], upsert: true)
  }

  func unpark(
    _ subscription: Name, root: Root, at first: SequenceNumber
  ) throws(MongoFailure) {
    try collection.delete([
      "_id": ConsumerKey.of(subscription, root), "firstSequence": .sequence(first),
    ])
  }

  func parked(by subscription: Name, root: Root) throws(MongoFailure) -> ParkedAggregate? {
    try collection.first(["_id": ConsumerKey.of(subscription, root)]).map(decode)
  }

  func parked(
    by subscription: Name, after root: Root?, limit: Int
  ) throws(MongoFailure) -> [ParkedAggregate] {
    if limit <= 0 { return [] }
    var query: BSONDocument = ["subscription": .name(subscription)]
    query.append("root", root.map { ["$gt": .uuid($0)] })
    let cursor = collection.find(query, ["sort": ["root": 1], "limit": .int64(Int64(limit))])
    var parked: [ParkedAggregate] = []
    while let document = try cursor.next() { parked.append(try decode(document)) }
    return parked
  }

  private func decode(_ document: BSONDocument) throws(MongoFailure) -> ParkedAggregate {
    ParkedAggregate(
      subscription: try document.name("subscription"), root: try document.root("root"),
      firstSequence: try document.sequence("firstSequence"), reason: try document.text("reason"),
      statusCode: StatusCode(number: document["statusCode"]?.integer),
      tries: Int(document["tries"]?.integer ?? 0),
      parkedAt: try document.time("parkedAt", nanoseconds: "parkedNanos"))
  }
}

/// The `_id` of a consumer's document about an aggregate.
enum ConsumerKey {
  static func of(_ subscription: Name, _ root: Root) -> BSONValue {
    .string("\(root) \(subscription)")
  }
}
