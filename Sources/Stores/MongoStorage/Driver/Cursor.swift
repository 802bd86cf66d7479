import CMongoC

/// The result of a query, `mongoc_cursor_t`, fetched from the server in batches.
final class Cursor {
  private let handle: OpaquePointer
  private let collection: Collection

  /// Takes ownership of the handle.
  init(_ handle: OpaquePointer, of collection: Collection) {
    self.handle = handle
    self.collection = collection
  }

  /// Also closes the cursor on the server, unless it is exhausted.
  deinit { mongoc_cursor_destroy(handle) }

  /// Returns the next document; nil after the last.
  func next() throws(MongoFailure) -> BSONDocument? {
    var document: OpaquePointer?
    if mongoc_cursor_next(handle, &document), let document {
      // Copied, because the cursor reuses it at the next call.
      return BSONDocument(copying: document)
    }
    var error = bson_error_t()
    if mongoc_cursor_error(handle, &error) { throw MongoFailure(error) }
    return nil
  }

  /// Returns all remaining documents.
  func all() throws(MongoFailure) -> [BSONDocument] {
    var documents: [BSONDocument] = []
    while let document = try next() { documents.append(document) }
    return documents
  }
}
