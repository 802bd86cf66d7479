import CMongoC
import EventModel
import Glibc

/// A database of its own on a server.
struct BenchDatabase {
  let uri: String
  let name = "store-bench-\(getpid())"

  /// - Parameter server: a URI without a database.
  init(on server: String) {
    let options = server.firstIndex(of: "?").map { server[$0...] } ?? ""
    var address = String(server.dropLast(options.count))
    while address.hasSuffix("/") { address.removeLast() }
    uri = "\(address)/\(name)\(options)"
  }

  func drop() {
    let client = mongoc_client_new(uri)
    let database = mongoc_client_get_database(client, name)
    mongoc_database_drop(database, nil)
    mongoc_database_destroy(database)
    mongoc_client_destroy(client)
  }
}

/// libmongoc alone, one thread, documents of the same size and indexes, unordered groups of that
/// size, majority with journal: what the adapter could reach.
struct RawMongoDB {
  private let documentsInGroup: Int
  private let duration: Duration

  init(documentsInGroup: Int, for duration: Duration) {
    self.documentsInGroup = documentsInGroup
    self.duration = duration
  }

  func measure(in database: BenchDatabase) {
    mongoc_init()
    let client = mongoc_client_new(database.uri)
    let collection = mongoc_client_get_collection(client, database.name, "raw")
    let concern = mongoc_write_concern_new()
    mongoc_write_concern_set_wmajority(concern, 10_000)
    mongoc_write_concern_set_journal(concern, true)
    mongoc_collection_set_write_concern(collection, concern)
    run(
      on: client, database.name,
      """
      {"createIndexes": "raw", "indexes": [
        {"key": {"position": 1}, "name": "position", "unique": true}]}
      """)
    let options = document("{\"ordered\": false, \"validate\": false}")
    var position = 0
    let stopwatch = Stopwatch()
    let end = ContinuousClock.now + duration
    var latencies: [Duration] = []
    while ContinuousClock.now < end {
      var documents = (0..<documentsInGroup).map { _ in
        position += 1
        return newDocument(position)
      }
      let start = ContinuousClock.now
      var error = bson_error_t()
      let isStored = mongoc_collection_insert_many(
        collection, &documents, documents.count, options, nil, &error)
      precondition(isStored, "libmongoc failed with \(error.code)")
      latencies.append(.now - start)
      for document in documents { bson_destroy(document) }
    }
    stopwatch.report(
      "libmongoc alone", documentsInGroup, count: latencies.count * documentsInGroup, latencies)
    bson_destroy(options)
    mongoc_write_concern_destroy(concern)
    mongoc_collection_destroy(collection)
    mongoc_client_destroy(client)
    database.drop()
  }

  private func newDocument(_ position: Int) -> OpaquePointer? {
    let commit = Commit.sample()
    let document = bson_new()
    let key = commit.cover.root.bytes + [0, 0, 0, 0]
    bson_append_binary(document, "_id", -1, BSON_SUBTYPE_BINARY, key, 20)
    bson_append_int64(document, "position", -1, Int64(position))
    bson_append_binary(document, "root", -1, BSON_SUBTYPE_UUID, commit.cover.root.bytes, 16)
    bson_append_int64(document, "first", -1, 0)
    bson_append_int64(document, "next", -1, 1)
    bson_append_date_time(document, "createdAt", -1, 1_700_000_000_123)
    bson_append_binary(document, "commitId", -1, BSON_SUBTYPE_UUID, commit.id.bytes, 16)
    let pages = commit.pages.bytes
    bson_append_binary(document, "pages", -1, BSON_SUBTYPE_BINARY, pages, UInt32(pages.count))
    return document
  }

  private func document(_ json: String) -> OpaquePointer? {
    bson_new_from_json(json, -1, nil)
  }

  private func run(on client: OpaquePointer?, _ database: String, _ json: String) {
    let command = document(json)
    precondition(mongoc_client_command_simple(client, database, command, nil, nil, nil))
    bson_destroy(command)
  }
}
