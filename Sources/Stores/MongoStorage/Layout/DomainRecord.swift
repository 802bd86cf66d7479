import EventModel
import EventSourcing

/// What is fixed about a domain when it is created, for ever: a document in `domains`.
struct DomainRecord {
  /// How documents are laid out; a later layout gets a higher number. Beside it stands the version
  /// of Outrider that wrote it first, which older ones name.
  static let format: Int64 = 1

  let partitions: UInt32

  /// Reads the domain's record, and makes it where there is none.
  ///
  /// - Parameters:
  ///   - partitions: how many a new domain gets; an old one must have as many.
  ///   - version: of Outrider, kept with the format of a new domain.
  static func open(
    _ domain: Name, partitions: UInt32, by version: String?, now: Timestamp, _ client: Client
  ) throws(MongoFailure) -> DomainRecord {
    if let found = try find(domain, partitions: partitions, client) { return found }
    let collection = client.collection(CollectionNames.domains)
    return try read(
      try create(domain, partitions, version, now, collection), of: domain, partitions: partitions)
  }

  /// The domain's record; nil where there is none.
  ///
  /// - Parameter partitions: how many it must have; nil: any number.
  static func find(
    _ domain: Name, partitions: UInt32?, _ client: Client
  ) throws(MongoFailure) -> DomainRecord? {
    let collection = client.collection(CollectionNames.domains)
    guard let stored = try existing(domain, collection) else { return nil }
    return try read(stored, of: domain, partitions: partitions)
  }

  private static func read(
    _ stored: BSONDocument, of domain: Name, partitions: UInt32?
  ) throws(MongoFailure) -> DomainRecord {
    let written = stored["format"]?.integer ?? 0
    guard written == format else {
      guard let version = stored["version"]?.text else {
        throw MongoFailure(
          .incompatible,
          "the domain \(domain) was written in format \(written), and this version of Outrider "
            + "reads format \(format). Use the version that wrote it")
      }
      throw MongoFailure(
        .incompatible,
        "the domain \(domain) was written by Outrider \(version), format \(written); this one "
          + "knows format \(format): use \(version) or newer")
    }
    guard let count = stored["partitions"]?.integer.flatMap({ UInt32(exactly: $0) }), count > 0
    else { throw .damaged("the domain \(domain) has no number of partitions") }
    if let partitions, partitions != count {
      throw MongoFailure(
        .incompatible,
        "the domain \(domain) has \(count) partitions, and \(partitions) are asked for. The number "
          + "is fixed when a domain is created: set it to \(count), or leave it out")
    }
    return DomainRecord(partitions: count)
  }

  static func exists(_ domain: Name, _ client: Client) throws(MongoFailure) -> Bool {
    try existing(domain, client.collection(CollectionNames.domains)) != nil
  }

  private static func existing(
    _ domain: Name, _ collection: Collection
  ) throws(MongoFailure) -> BSONDocument? {
    try collection.first(["_id": .name(domain)])
  }

  /// Several processes may do this at once: one document comes of it.
  private static func create(
    _ domain: Name, _ partitions: UInt32, _ version: String?, _ now: Timestamp,
    _ collection: Collection
  ) throws(MongoFailure) -> BSONDocument {
    var document: BSONDocument = [
      "_id": .name(domain), "format": .int32(Int32(format)),
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

  /// The names of all domains, in alphabetical order.
  static func names(_ client: Client) throws(MongoFailure) -> [Name] {
    let cursor = client.collection(CollectionNames.domains).find(
      [:], ["projection": ["_id": 1]])
    return try cursor.all().compactMap { $0["_id"]?.text.map { Name($0) } }.sorted()
  }
}
