import EventModel
import EventSourcing

/// The fixed properties of a domain, set at its creation: a document in `domains`.
struct DomainRecord {
  /// The version of the document layout. The version of Outrider that wrote it stands beside it,
  /// for older ones to name. Since format 2 a tombstone may have a command's id; older versions
  /// would take it for a damaged commit.
  static let newestFormat: Int64 = 2

  let partitions: UInt32

  /// Reads the domain's record, and creates it if it does not exist.
  ///
  /// - Parameters:
  ///   - partitions: the number for a new domain; an existing one must have the same.
  ///   - version: of Outrider, kept with the format.
  static func open(
    _ domain: Name, partitions: UInt32, by version: String?, now: Timestamp, _ client: Client
  ) throws(MongoFailure) -> DomainRecord {
    if let found = try find(domain, partitions: partitions, by: version, client) { return found }
    let collection = client.collection(CollectionNames.domains)
    return try take(
      try create(domain, partitions, version, now, collection), of: domain, partitions: partitions,
      by: version, collection)
  }

  /// Returns the domain's record; nil if it does not exist. Upgrades an older format.
  ///
  /// - Parameter partitions: the required number; nil: any.
  static func find(
    _ domain: Name, partitions: UInt32?, by version: String?, _ client: Client
  ) throws(MongoFailure) -> DomainRecord? {
    let collection = client.collection(CollectionNames.domains)
    guard let stored = try existing(domain, collection) else { return nil }
    return try take(stored, of: domain, partitions: partitions, by: version, collection)
  }

  private static func take(
    _ stored: BSONDocument, of domain: Name, partitions: UInt32?, by version: String?,
    _ collection: Collection
  ) throws(MongoFailure) -> DomainRecord {
    let written = stored["format"]?.integer ?? 0
    guard 1...newestFormat ~= written else {
      guard let version = stored["version"]?.text else {
        throw MongoFailure(
          .incompatible,
          "the domain \(domain) was written in format \(written), and this version of Outrider "
            + "knows format \(newestFormat). Use the version that wrote it")
      }
      throw MongoFailure(
        .incompatible,
        "the domain \(domain) was written by Outrider \(version), format \(written); this one "
          + "knows format \(newestFormat): use \(version) or newer")
    }
    guard let count = stored["partitions"]?.integer.flatMap({ UInt32(exactly: $0) }), count > 0
    else { throw .damaged("the domain \(domain) has no number of partitions") }
    if let partitions, partitions != count {
      throw MongoFailure(
        .incompatible,
        "the domain \(domain) has \(count) partitions, and \(partitions) are asked for. The number "
          + "is fixed when a domain is created: set it to \(count), or leave it out")
    }
    if written < newestFormat { try raiseFormat(of: domain, by: version, collection) }
    return DomainRecord(partitions: count)
  }

  /// Older versions refuse the domain from now on.
  private static func raiseFormat(
    of domain: Name, by version: String?, _ collection: Collection
  ) throws(MongoFailure) {
    var raised: BSONDocument = ["format": .int32(Int32(newestFormat))]
    raised.append("version", version.map { .string($0) })
    _ = try collection.update(
      ["_id": .name(domain), "format": ["$lt": .int32(Int32(newestFormat))]],
      ["$set": .document(raised)])
  }

  static func exists(_ domain: Name, _ client: Client) throws(MongoFailure) -> Bool {
    try existing(domain, client.collection(CollectionNames.domains)) != nil
  }

  private static func existing(
    _ domain: Name, _ collection: Collection
  ) throws(MongoFailure) -> BSONDocument? {
    try collection.first(["_id": .name(domain)])
  }

  /// Safe for concurrent processes: only one document results.
  private static func create(
    _ domain: Name, _ partitions: UInt32, _ version: String?, _ now: Timestamp,
    _ collection: Collection
  ) throws(MongoFailure) -> BSONDocument {
    var document: BSONDocument = [
      "_id": .name(domain), "format": .int32(Int32(newestFormat)),
      "partitions": .int64(Int64(partitions)), "createdAt": .date(now.milliseconds),
    ]
    document.append("version", version.map { .string($0) })
    var lastFailure: MongoFailure?
    for _ in 0..<3 {
      if let failure = try collection.insert([document])[0], failure.kind != .duplicateKey {
        throw failure
      } else if let stored = try existing(domain, collection) {
        return stored
      } else {
        lastFailure = MongoFailure(.unreachable, "the domain \(domain) is being created")
      }
    }
    throw lastFailure ?? .damaged("the domain \(domain) cannot be created")
  }

  /// Returns the names of all domains, sorted.
  static func names(_ client: Client) throws(MongoFailure) -> [Name] {
    let cursor = client.collection(CollectionNames.domains).find(
      [:], ["projection": ["_id": 1]])
    return try cursor.all().compactMap { $0["_id"]?.text.map { Name($0) } }.sorted()
  }
}
