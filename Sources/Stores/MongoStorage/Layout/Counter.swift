/// Numbers that are given out once: a document that only counts up.
struct Counter {
  let collection: Collection
  let name: String

  /// Gives out `count` numbers that nobody else gets; the first of them.
  func reserve(_ count: Int) throws(MongoFailure) -> UInt64 {
    let document = try collection.upsert(
      ["_id": .string(name)], ["$inc": ["last": .int64(Int64(count))]])
    let last = try document.number("last")
    guard last >= count else { throw .damaged("the counter \(name) was set back") }
    return last - UInt64(count) + 1
  }

  /// Counts on from `number` at least: what was given out before a restore is not given out again.
  func raise(to number: UInt64) throws(MongoFailure) {
    _ = try collection.upsert(["_id": .string(name)], ["$max": ["last": .number(number)]])
  }

  /// The last number that was given out; 0 where none was.
  func last() throws(MongoFailure) -> UInt64 {
    try collection.first(["_id": .string(name)])?.number("last") ?? 0
  }
}

extension Collection {
  /// Changes the document that matches by its `_id`, or makes it.
  func upsert(
    _ query: BSONDocument, _ change: BSONDocument
  ) throws(MongoFailure) -> BSONDocument {
    // Two that make it at once: one is refused, and finds it.
    for isLast in [false, true] {
      do throws(MongoFailure) {
        if let document = try findAndModify(query, change, upsert: true) { return document }
      } catch {
        if isLast || error.kind != .duplicateKey { throw error }
      }
    }
    throw .damaged("a document that was made is not there")
  }
}
