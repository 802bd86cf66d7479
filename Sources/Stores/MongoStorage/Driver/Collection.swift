import CMongoC

/// A collection of the database, `mongoc_collection_t`.
final class Collection {
  let name: String
  private let handle: OpaquePointer
  private let client: Client

  /// Takes ownership of the handle.
  init(_ handle: OpaquePointer, name: String, of client: Client) {
    self.handle = handle
    self.name = name
    self.client = client
  }

  deinit { mongoc_collection_destroy(handle) }

  // MARK: Reading

  /// Returns the matching documents. Takes the options of the `find` command: sort, limit,
  /// projection.
  func find(_ filter: BSONDocument, _ options: BSONDocument = [:]) -> Cursor {
    // The call copies both.
    filter.withHandle { filter in
      options.withHandle { options in
        Cursor(mongoc_collection_find_with_opts(handle, filter, options, nil), of: self)
      }
    }
  }

  /// Returns the first matching document.
  func first(
    _ filter: BSONDocument, _ options: BSONDocument = [:]
  ) throws(MongoFailure) -> BSONDocument? {
    var options = options
    options.append("limit", 1)
    return try find(filter, options).next()
  }

  // MARK: Writing

  /// Runs a write command, with the URI's write concern. The reply lists failures of single
  /// documents.
  func write(_ command: BSONDocument) throws(MongoFailure) -> BSONDocument {
    let (reply, error) = command.withHandle { command in
      withReply { reply, error in
        mongoc_collection_write_command_with_opts(handle, command, nil, reply, &error)
      }
    }
    if let error { throw MongoFailure(error) }
    return reply
  }

  /// Inserts the documents unordered and independently.
  ///
  /// - Returns: the failures, by index; all other documents are stored. Throws if the outcome is
  ///   unknown: then each document may be stored, or not.
  func insert(_ documents: [BSONDocument]) throws(MongoFailure) -> [Int: MongoFailure] {
    let list = DocumentList(documents)
    // The documents were built here, so libmongoc need not validate them.
    let options: BSONDocument = ["ordered": false, "validate": false]
    let (answer, error) = options.withHandle { options in
      withReply { reply, error in
        list.withHandles { handles in
          mongoc_collection_insert_many(
            handle, handles.baseAddress, handles.count, options, reply, &error)
        }
      }
    }
    guard let error else { return [:] }
    let failures = answer.writeFailures
    // If the counts do not add up, or the majority has not confirmed, all are in doubt.
    let isConfirmed = (answer["writeConcernErrors"]?.document?.values ?? []).isEmpty
    let inserted = Int(answer["insertedCount"]?.integer ?? 0)
    let isAccountedFor = !failures.isEmpty && inserted + failures.count == documents.count
    if isConfirmed, isAccountedFor { return failures }
    let failure = MongoFailure(error)
    throw failures.isEmpty ? failure : MongoFailure(.unreachable, failure.message)
  }

  /// The indexes, as `listIndexes` describes them; empty if the collection does not exist.
  func indexes() throws(MongoFailure) -> [BSONDocument] {
    try Cursor(mongoc_collection_find_indexes_with_opts(handle, nil), of: self).all()
  }

  /// Inserts the documents whose keys do not exist yet.
  func insertIfMissing(_ documents: [BSONDocument]) throws(MongoFailure) {
    if documents.isEmpty { return }
    for failure in try insert(documents).values where failure.kind != .duplicateKey {
      throw failure
    }
  }

  /// Changes one matching document and returns the new version; nil if none matches. With
  /// `upsert` there always is one, or the failure is `.duplicateKey`.
  func findAndModify(
    _ query: BSONDocument, _ update: BSONDocument, upsert: Bool = false
  ) throws(MongoFailure) -> BSONDocument? {
    let reply = try write([
      "findAndModify": .string(name), "query": .document(query), "update": .document(update),
      "new": true, "upsert": .bool(upsert),
    ])
    guard case .document(let document)? = reply["value"] else { return nil }
    return document
  }

  /// An update of at most one document.
  struct Update {
    var query: BSONDocument
    var change: BSONDocument
    var upsert = false
  }

  /// Makes the updates unordered and independently.
  ///
  /// - Returns: the number of updates that matched or created a document, and the failures by
  ///   index.
  @discardableResult
  func update(
    _ updates: [Update]
  ) throws(MongoFailure) -> (count: Int, failures: [Int: MongoFailure]) {
    if updates.isEmpty { return (0, [:]) }
    let list = updates.map { update in
      BSONValue.document([
        "q": .document(update.query), "u": .document(update.change),
        "upsert": .bool(update.upsert),
      ])
    }
    let reply = try write([
      "update": .string(name), "updates": .array(list), "ordered": false,
    ])
    return (Int(reply["n"]?.integer ?? 0), reply.writeFailures)
  }

  func update(
    _ query: BSONDocument, _ change: BSONDocument, upsert: Bool = false
  ) throws(MongoFailure) -> Bool {
    let (count, failures) = try update([Update(query: query, change: change, upsert: upsert)])
    if let failure = failures[0] { throw failure }
    return count > 0
  }

  /// - Parameter many: deletes every matching document, not only one.
  func delete(_ query: BSONDocument, many: Bool = false) throws(MongoFailure) {
    _ = try write([
      "delete": .string(name),
      "deletes": [["q": .document(query), "limit": .int32(many ? 0 : 1)]],
    ])
  }
}

extension BSONDocument {
  /// The failures of single documents in a write's reply, by index.
  fileprivate var writeFailures: [Int: MongoFailure] {
    var failures: [Int: MongoFailure] = [:]
    for error in self["writeErrors"]?.document?.values ?? [] {
      guard let error = error.document, let index = error["index"]?.integer else { continue }
      failures[Int(index)] = MongoFailure(
        serverCode: error["code"]?.integer ?? 0, error["errmsg"]?.text ?? "")
    }
    return failures
  }
}
