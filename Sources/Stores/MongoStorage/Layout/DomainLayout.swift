import EventModel
import Files

/// Opens a domain's collections with a client.
struct DomainLayout: Sendable {
  let domain: Name
  let partitions: UInt32
  private let names: CollectionNames

  init(domain: Name, partitions: UInt32) {
    self.domain = domain
    self.partitions = partitions
    names = CollectionNames(domain: domain)
  }

  func commits(_ client: Client) -> CommitCollection {
    CommitCollection(
      collection: client.collection(names.commits), domain: domain, partitions: partitions)
  }

  func positions(of partition: UInt32, _ client: Client) -> Counter {
    Counter(collection: client.collection(names.counters), name: "position \(partition)")
  }

  func settledMark(of partition: UInt32, _ client: Client) -> SettledMark {
    SettledMark(collection: client.collection(names.counters), partition: partition)
  }

  /// Raises the partition's counter to the end of its log. After a restore it may lag behind, and
  /// would give out positions that are taken.
  func raiseCounter(of partition: UInt32, _ client: Client) throws(MongoFailure) {
    let counter = positions(of: partition, client)
    let last = try counter.last()
    let taken = try commits(client).lastTaken(behind: last, in: partition) ?? 0
    let end = max(taken, try settledMark(of: partition, client).read().position)
    if end > last { try counter.raise(to: end) }
  }

  func records(_ client: Client) -> RecordCollection {
    RecordCollection(
      collection: client.collection(names.records),
      revisions: Counter(collection: client.collection(names.counters), name: "revision"))
  }

  /// - Parameter signs: detects ended holders, whose leases may be taken over early; nil: none.
  func leases(_ client: Client, _ signs: SignsOfLife? = nil) -> LeaseCollection {
    LeaseCollection(collection: client.collection(names.leases), signs: signs)
  }

  func parked(_ client: Client) -> ParkedCollection {
    ParkedCollection(collection: client.collection(names.parked))
  }

  func agenda(_ client: Client) -> AgendaCollection {
    AgendaCollection(collection: client.collection(names.agenda))
  }

  /// The layout of an existing domain; nil for any other. Creates missing indexes.
  static func find(
    _ domain: Name, partitions: UInt32?, by version: String?, _ client: Client
  ) throws(MongoFailure) -> DomainLayout? {
    guard let record = try DomainRecord.find(domain, partitions: partitions, by: version, client)
    else { return nil }
    let layout = DomainLayout(domain: domain, partitions: record.partitions)
    try layout.ensureIndexes(client)
    for partition in 0..<record.partitions { try layout.raiseCounter(of: partition, client) }
    return layout
  }

  /// Creates missing parts of the domain.
  func create(
    at now: Timestamp, by version: String?, _ client: Client
  ) throws(MongoFailure) {
    _ = try DomainRecord.open(
      domain, partitions: partitions, by: version, now: now, client)
    try ensureIndexes(client)
  }

  private func ensureIndexes(_ client: Client) throws(MongoFailure) {
    try client.collection(names.commits).ensure(Index.commits)
    try client.collection(names.records).ensure(Index.records)
    try client.collection(names.parked).ensure(Index.parked)
    try client.collection(names.agenda).ensure(Index.agenda)
  }
}
