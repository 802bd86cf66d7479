import EventModel
import EventSourcing

/// The consumers' records of each aggregate.
///
/// Revisions number the changes so that followers skip none, with many writers and without
/// transactions: a record is first written as *unnumbered*, then a number is reserved, then the
/// record gets it. A reader notes the last reserved number, *then* finds unnumbered records and
/// numbers them itself. Any other record has its number by then. So all changes up to the noted
/// number are readable, and a dead or slow writer neither hides a change nor makes readers wait.
struct RecordCollection {
  let collection: Collection
  let revisions: Counter

  // MARK: Reading

  func record(of subscription: Name, root: Root) throws(MongoFailure) -> ConsumerRecord? {
    try collection.first(["_id": ConsumerKey.of(subscription, root)]).map(decode)
  }

  func records(
    of subscription: Name, after root: Root?, limit: ReadLimit
  ) throws(MongoFailure) -> [ConsumerRecord] {
    var query: BSONDocument = ["subscription": .name(subscription)]
    query.append("root", root.map { ["$gt": .uuid($0)] })
    return try find(query, by: "root", limit)
  }

  func changes(
    of subscription: Name, after revision: Revision, limit: ReadLimit
  ) throws(MongoFailure) -> [ConsumerRecord] {
    while true {
      let last = try revisions.last()
      let hasNumbered = try numberAll(of: subscription)
      let changes = try find(
        [
          "subscription": .name(subscription),
          "revision": ["$gt": .revision(revision), "$lte": .number(last)],
        ], by: "revision", limit)
      if !changes.isEmpty || !hasNumbered { return changes }
    }
  }

  /// The subscription's latest revision; 0 if it has no records.
  func revision(of subscription: Name) throws(MongoFailure) -> Revision {
    _ = try numberAll(of: subscription)
    return try collection.first(
      ["subscription": .name(subscription), "revision": ["$gt": 0]],
      ["sort": ["revision": -1], "projection": ["revision": 1]])?.revision("revision") ?? 0
  }

  private func find(
    _ query: BSONDocument, by field: String, _ limit: ReadLimit
  ) throws(MongoFailure) -> [ConsumerRecord] {
    let cursor = collection.find(
      query, ["sort": .document([field: 1]), "limit": .int64(Int64(max(1, limit.count)))])
    var portion = Portion<ConsumerRecord>(limit)
    while let document = try cursor.next(), portion.take(try decode(document)) {}
    return portion.entries
  }

  // MARK: Writing

  /// A record to write if the stored one ends at `previous`.
  struct Save: Sendable {
    let record: ConsumerRecord
    let previous: SequenceNumber
    /// Random; identifies this write.
    let id: Root
  }

  /// Writes the records, each of another aggregate or subscription. Idempotent, so it may be
  /// repeated if the outcome is unknown.
  ///
  /// - Returns: for each, whether it was written.
  func save(_ saves: [Save]) throws(MongoFailure) -> [Bool] {
    let isNew = saves.map { $0.previous == .first }
    try collection.insertIfMissing(
      zip(saves, isNew).filter(\.1).map { save, _ in document(save) })
    let (_, failures) = try collection.update(
      zip(saves, isNew).filter { !$0.1 }.map { save, _ in
        Collection.Update(
          query: ["_id": key(save), "next": .sequence(save.previous)], change: change(save))
      })
    if let failure = failures.values.first { throw failure }
    return try isOwn(saves)
  }

  /// Whether the stored records are from these saves.
  private func isOwn(_ saves: [Save]) throws(MongoFailure) -> [Bool] {
    let cursor = collection.find(
      ["_id": ["$in": .array(saves.map(key))]], ["projection": ["saveId": 1]])
    var ids: Set<Root> = []
    while let document = try cursor.next() { ids.insert(try document.root("saveId")) }
    return saves.map { ids.contains($0.id) }
  }

  /// Numbers all of the subscription's unnumbered records. Returns false if there are none.
  private func numberAll(of subscription: Name) throws(MongoFailure) -> Bool {
    var hasNumbered = false
    while true {
      let cursor = collection.find(
        ["subscription": .name(subscription), "unnumbered": true],
        ["projection": ["saveId": 1], "limit": .int64(Int64(Limits.group.count))])
      var ids: [(BSONValue, Root)] = []
      while let document = try cursor.next() {
        if let key = document["_id"] { ids.append((key, try document.root("saveId"))) }
      }
      if ids.isEmpty { return hasNumbered }
      _ = try number(ids, from: try reserve(ids.count))
      hasNumbered = true
      if ids.count < Limits.group.count { return true }
    }
  }

  /// Numbers the saved records.
  ///
  /// - Returns: the revisions, in the order of the saves; nil if some had one already, or were
  ///   saved again.
  func number(_ saves: [Save]) throws(MongoFailure) -> [Revision]? {
    if saves.isEmpty { return [] }
    return try number(saves, from: try reserve(saves.count))
  }

  /// The same with reserved numbers.
  func number(_ saves: [Save], from first: Revision) throws(MongoFailure) -> [Revision]? {
    try number(saves.map { (key($0), $0.id) }, from: first)
  }

  /// Reserves revisions for the caller alone, and returns the first.
  func reserve(_ count: Int) throws(MongoFailure) -> Revision {
    Revision(try revisions.reserve(count))
  }

  /// Numbers only records that are still unnumbered and were not saved again.
  private func number(
    _ records: [(key: BSONValue, save: Root)], from first: Revision
  ) throws(MongoFailure) -> [Revision]? {
    let updates = records.enumerated().map { index, record in
      Collection.Update(
        query: ["_id": record.key, "saveId": .uuid(record.save), "unnumbered": true],
        change: [
          "$set": ["revision": .revision(first.advanced(by: index))], "$unset": ["unnumbered": 1],
        ])
    }
    let (count, failures) = try collection.update(updates)
    if let failure = failures.values.first { throw failure }
    return count == records.count ? records.indices.map(first.advanced(by:)) : nil
  }

  /// Removes some of a subscription's records.
  ///
  /// - Returns: the number removed.
  func remove(_ subscription: Name, limit: Int) throws(MongoFailure) -> Int {
    let cursor = collection.find(
      ["subscription": .name(subscription)],
      ["projection": ["_id": 1], "limit": .int64(Int64(max(1, limit)))])
    var keys: [BSONValue] = []
    while let document = try cursor.next() { keys += [document["_id"]].compactMap(\.self) }
    if !keys.isEmpty { try collection.delete(["_id": ["$in": .array(keys)]], many: true) }
    return keys.count
  }

  // MARK: Documents

  private func key(_ save: Save) -> BSONValue {
    ConsumerKey.of(save.record.subscription, save.record.root)
  }

  private func fields(_ save: Save) -> BSONDocument {
    var fields: BSONDocument = [
      "subscription": .name(save.record.subscription), "root": .uuid(save.record.root),
      "next": .sequence(save.record.next), "updatedAt": .date(save.record.updatedAt.milliseconds),
      "updatedNanos": save.record.updatedAt.restOfMillisecond ?? .int32(0),
      "saveId": .uuid(save.id), "unnumbered": true,
    ]
    fields.append("value", save.record.value.map { .binary($0) })
    return fields
  }

  private func document(_ save: Save) -> BSONDocument {
    var document: BSONDocument = ["_id": key(save)]
    document.append(contentsOf: fields(save))
    return document
  }

  private func change(_ save: Save) -> BSONDocument {
    var change: BSONDocument = ["$set": .document(fields(save))]
    if save.record.value == nil { change.append("$unset", ["value": 1]) }
    return change
  }

  private func decode(_ document: BSONDocument) throws(MongoFailure) -> ConsumerRecord {
    ConsumerRecord(
      subscription: try document.name("subscription"), root: try document.root("root"),
      next: try document.sequence("next"), value: document["value"]?.bytes,
      updatedAt: try document.time("updatedAt", nanoseconds: "updatedNanos"),
      revision: document["revision"] == nil ? 0 : try document.revision("revision"))
  }
}
