/// A counter in a document that only increases. Gives out each number once.
struct Counter {
  let collection: Collection
  let name: String

  /// Reserves `count` numbers for the caller alone, and returns the first.
  func reserve(_ count: Int) throws(MongoFailure) -> UInt64 {
    let document = try collection.upsert(
      ["_id": .string(name)], ["$inc": ["last": .int64(Int64(count))]])
    let last = try document.number("last")
    guard last >= count else { throw .damaged("the counter \(name) was set back") }
    return last - UInt64(count) + 1
  }

  /// Raises the counter to at least `number`, so that numbers from before a restore are not given
  /// out again.
  func raise(to number: UInt64) throws(MongoFailure) {
    _ = try collection.upsert(["_id": .string(name)], ["$max": ["last": .number(number)]])
  }

  /// The last number given out; 0 if none was.
  func last() throws(MongoFailure) -> UInt64 {
    try collection.first(["_id": .string(name)])?.number("last") ?? 0
  }
}

extension Collection {
  /// Changes the document with this `_id`, or creates it.
  func upsert(
    _ query: BSONDocument, _ change: BSONDocument
  ) throws(MongoFailure) -> BSONDocument {
    // If two writers create it at once, one is refused, and then finds it.
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
