/// An index that the store's promises depend on.
struct Index: Equatable {
  var name: String
  var fields: [String]
  var isUnique = false
  /// Selects the documents that it holds; nil: all.
  var filter: BSONDocument?

  /// Indexes of the log. The primary index orders an aggregate's commits and refuses a second one
  /// with the same number. These refuse a second commit at a position and a second one of a
  /// command, and find the effects of an event.
  static let commits = [
    Index(name: "position", fields: ["partition", "position"], isUnique: true),
    Index(
      name: "command", fields: ["partition", "root", "commandId"], isUnique: true,
      filter: ["commandId": ["$exists": true]]),
    Index(
      name: "cause", fields: ["cause", "partition", "position"],
      filter: ["cause": ["$exists": true]]),
  ]

  static let records = [
    Index(name: "root", fields: ["subscription", "root"]),
    Index(name: "revision", fields: ["subscription", "revision"]),
    Index(
      name: "unnumbered", fields: ["subscription", "unnumbered"],
      filter: ["unnumbered": ["$exists": true]]),
  ]

  static let parked = [Index(name: "root", fields: ["subscription", "root"])]

  static let agenda = [
    Index(
      name: "due", fields: ["agenda", "due", "dueNanos", "root", "sequence", "index"])
  ]

  /// The form that `createIndexes` takes.
  var description: BSONDocument {
    var key = BSONDocument()
    for field in fields { key.append(field, .int32(1)) }
    var description: BSONDocument = ["key": .document(key), "name": .string(name)]
    if isUnique { description.append("unique", true) }
    description.append("partialFilterExpression", filter.map(BSONValue.document))
    return description
  }

  /// Whether the server's description is equivalent to this index. Its name does not matter.
  func matches(_ existing: BSONDocument) -> Bool {
    hasFields(of: existing) && existing["unique"]?.flag ?? false == isUnique
      && existing["partialFilterExpression"]?.document == filter
      && existing["collation"] == nil && existing["expireAfterSeconds"] == nil
  }

  func hasFields(of existing: BSONDocument) -> Bool {
    guard let key = existing["key"]?.document, key.names == fields else { return false }
    return key.values.allSatisfy { $0.integer == 1 }
  }
}

extension Collection {
  /// Creates missing indexes. Throws `.incompatible` if an existing one would break the store's
  /// promises.
  func ensure(_ indexes: [Index]) throws(MongoFailure) {
    let existing = try self.indexes()
    for index in existing { try check(index, among: indexes) }
    let missing = indexes.filter { wanted in !existing.contains { wanted.matches($0) } }
    if missing.isEmpty { return }
    do throws(MongoFailure) {
      _ = try write([
        "createIndexes": .string(name),
        "indexes": .array(missing.map { .document($0.description) }),
      ])
    } catch {
      guard error.kind == .duplicateKey || error.kind == .refused else { throw error }
      throw MongoFailure(
        .incompatible,
        "the collection \(name) does not take the indexes that keep events in order: "
          + "\(error.message). What is in it was not written by Outrider, or by a version that "
          + "differs; use another database")
    }
  }

  private func check(_ existing: BSONDocument, among wanted: [Index]) throws(MongoFailure) {
    let name = existing["name"]?.text ?? ""
    if name == "_id_" || wanted.contains(where: { $0.matches(existing) }) { return }
    let isRival = wanted.contains { $0.name == name || $0.hasFields(of: existing) }
    let isUnique = existing["unique"]?.flag == true
    guard isRival || isUnique || existing["expireAfterSeconds"] != nil else { return }
    throw MongoFailure(
      .incompatible,
      "the collection \(self.name) has an index \(name) that is not as Outrider makes it. Drop "
        + "it, db.getCollection(\"\(self.name)\").dropIndex(\"\(name)\"), and start again: the "
        + "right one is made then")
  }
}
