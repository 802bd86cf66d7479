import CMongoC

/// The documents that a query finds, `mongoc_cursor_t`: fetched from the server in batches.
final class Cursor {
  private let handle: OpaquePointer
  private let collection: Collection

  /// Takes over the handle.
  init(_ handle: OpaquePointer, of collection: Collection) {
    self.handle = handle
    self.collection = collection
  }

  /// Ends it on the server too, where it is not at its end.
  deinit { mongoc_cursor_destroy(handle) }

  /// The next document; nil behind the last.
  func next() throws(MongoFailure) -> BSONDocument? {
    var document: OpaquePointer?
    if mongoc_cursor_next(handle, &document), let document {
      // It is the cursor's, until the next call: so a copy.
      return BSONDocument(copying: document)
    }
    var error = bson_error_t()
    if mongoc_cursor_error(handle, &error) { throw MongoFailure(error) }
    return nil
  }

  /// All that are left.
  func all() throws(MongoFailure) -> [BSONDocument] {
    var documents: [BSONDocument] = []
    while let document = try next() { documents.append(document) }
    return documents
  }
}
