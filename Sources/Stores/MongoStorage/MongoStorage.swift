import EventModel
import EventSourcing
import Files
import Synchronization
import Timing

/// A MongoDB database that holds all domains: durable, shared by many processes.
///
/// An append returns once a majority of the members has it on disk; concurrent appends share a
/// round trip (group commit). The promises depend neither on transactions nor on the processes'
/// clocks.
public final class MongoStorage: Storage {
  /// Warnings about settings of the URI that weaken the promises, in sentences for the log.
  public var warnings: [String] { server.warnings }
  /// The servers and the database, without credentials.
  public var place: String { server.place }

  private let server: Server
  private let partitions: UInt32?
  private let version: String?
  private let now: @Sendable () -> Timestamp
  private let signs: SignsOfLife?
  private let threads: StorageThreads
  private let table: DomainTable<MongoDomain>
  private let isClosed = Atomic(false)

  /// The default number of domains that stay open.
  public static let openDomainsDefault = 64

  /// Parses the URI; connects at the first call, not here. Leases expire by `now`.
  ///
  /// - Parameters:
  ///   - uri: `mongodb://` or `mongodb+srv://`, with the name of a database.
  ///   - partitions: partitions of each domain's log. Fixed when a domain is created; for an
  ///     existing one, nil or its own number.
  ///   - openDomainsMax: unused domains that stay open, with their caches. The least recently used
  ///     one is let go for another.
  ///   - signs: signs of life, shared by the lease holders that use the file: when one ends, the
  ///     others need not wait for its lease to expire. The lease's token fences a holder's writes
  ///     even if a sign is wrong. Nil: leases end only by release or expiry.
  ///   - version: of Outrider, kept with the format of a domain, for an older version to name. Nil:
  ///     nothing is kept.
  ///   - report: called with libmongoc's warnings, such as unknown options. Only the last storage
  ///     opened in the process gets them; called on any thread, must not block.
  ///
  /// Throws `.incompatible` if the URI cannot be parsed or names no database.
  public init(
    uri: String, partitions: UInt32? = nil, openDomainsMax: Int = openDomainsDefault,
    now: @escaping @Sendable () -> Timestamp = Environment.live.now, signs: SignsOfLife? = nil,
    version: String? = nil, report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(StorageError) {
    Library.report(to: report)
    server = try Server(uri)
    self.partitions = partitions
    self.version = version
    self.now = now
    self.signs = signs
    threads = try StorageThreads(server)
    table = DomainTable(keptMax: openDomainsMax)
  }

  /// Throws `.unavailable` if the server does not answer, and `.incompatible` if this version
  /// cannot use the domain, or it has another number of partitions.
  public func domain(_ name: Name) async throws(StorageError) -> any DomainStore {
    try await mongoDomain(name)
  }

  func mongoDomain(_ name: Name) async throws(StorageError) -> MongoDomain {
    try requireOpen()
    if let domain = table.existing(name) { return domain }
    let found = try await threads.calls.call { [partitions, version] client throws(MongoFailure) in
      try DomainLayout.find(name, partitions: partitions, by: version, client)
    }
    let layout = found ?? DomainLayout(domain: name, partitions: partitions ?? 1)
    var domain = table.domain(name) { makeDomain(layout) }
    if found == nil, !domain.existence.isCertain { return domain }
    // Another process may have created it with a different number of partitions.
    if domain.partitions != layout.partitions { domain = makeDomain(layout) }
    domain.existence.note()
    table.keep(domain, as: name)
    return domain
  }

  private func makeDomain(_ layout: DomainLayout) -> MongoDomain {
    MongoDomain(
      layout, server: server, threads: threads, signs: signs, version: version, now: now)
  }

  public func exists(_ name: Name) async throws(StorageError) -> Bool {
    if table.existing(name) != nil { return true }
    return try await threads.calls.call { client throws(MongoFailure) in
      try DomainRecord.exists(name, client)
    }
  }

  public func domains() async throws(StorageError) -> [Name] {
    try await threads.calls.call { client throws(MongoFailure) in try DomainRecord.names(client) }
  }

  /// Returns the primary's clock, or another member's if there is no primary.
  public func probe() async throws(StorageError) -> StorageCondition {
    try requireOpen()
    return try await threads.calls.call { client throws(MongoFailure) in
      let answer = try client.run(["hello": 1])
      return StorageCondition(clock: try? answer.time("localTime"))
    }
  }

  public func close() async {
    isClosed.store(true, ordering: .releasing)
    for domain in table.all { await domain.close() }
    await threads.close()
    signs?.close()
    server.close()
  }

  private func requireOpen() throws(StorageError) {
    if isClosed.load(ordering: .acquiring) {
      throw StorageError(.unavailable, "the database is closed")
    }
  }
}
