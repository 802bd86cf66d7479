import EventModel
import EventSourcing
import Files
import Synchronization
import Timing

/// A MongoDB database that holds all domains: durable, shared by many processes.
///
/// An append is answered when a majority of the server's members has it on disk; appends that come
/// together share a round trip. Nothing rests on transactions, nor on the processes' clocks.
public final class MongoStorage: Storage {
  /// What the URI's settings take away from the promises, in sentences for the log.
  public var warnings: [String] { server.warnings }
  /// The servers and the database, without credentials.
  public var place: String { server.place }

  private let server: Server
  private let partitions: UInt32?
  private let now: @Sendable () -> Timestamp
  private let signs: SignsOfLife?
  private let threads: StorageThreads
  private let table: DomainTable<MongoDomain>
  private let isClosed = Atomic(false)

  /// How many domains stay open, unless told otherwise.
  public static let openDomainsDefault = 64

  /// Reads the URI; nothing is contacted before the first call. Leases expire by `now`.
  ///
  /// - Parameters:
  ///   - uri: `mongodb://` or `mongodb+srv://`, with the name of a database.
  ///   - partitions: of each domain's log. Fixed when a domain is created; for one that exists, nil
  ///     or the number that it was created with.
  ///   - openDomainsMax: domains that stay open while nobody uses them, with what is remembered of
  ///     each. The one that was not used for longest is let go for another.
  ///   - signs: of life, by holders of leases that share the file: when one ends, the others need
  ///     not wait until its lease expires. What a holder writes is fenced by the lease's token,
  ///     whatever they say. Nil: leases have their time.
  ///   - report: hears what libmongoc warns of, such as options that it does not know. The last
  ///     storage that was opened in the process has it; called on any thread, must not block.
  ///
  /// Throws `.incompatible` where the URI cannot be read or names no database.
  public init(
    uri: String, partitions: UInt32? = nil, openDomainsMax: Int = openDomainsDefault,
    now: @escaping @Sendable () -> Timestamp = Environment.live.now, signs: SignsOfLife? = nil,
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(StorageError) {
    Library.report(to: report)
    server = try Server(uri)
    self.partitions = partitions
    self.now = now
    self.signs = signs
    threads = try StorageThreads(server)
    table = DomainTable(keptMax: openDomainsMax)
  }

  /// Throws `.unavailable` where the server does not answer, and `.incompatible` where the domain
  /// is not one that this version can use, or has another number of partitions.
  public func domain(_ name: Name) async throws(StorageError) -> any DomainStore {
    try await mongoDomain(name)
  }

  func mongoDomain(_ name: Name) async throws(StorageError) -> MongoDomain {
    try requireOpen()
    if let domain = table.existing(name) { return domain }
    let found = try await threads.calls.call { [partitions] client throws(MongoFailure) in
      try DomainLayout.find(name, partitions: partitions, client)
    }
    let layout = found ?? DomainLayout(domain: name, partitions: partitions ?? 1)
    var domain = table.domain(name) { makeDomain(layout) }
    if found == nil, !domain.existence.isCertain { return domain }
    // Another process may have created it with more partitions than were assumed.
    if domain.partitions != layout.partitions { domain = makeDomain(layout) }
    domain.existence.note()
    table.keep(domain, as: name)
    return domain
  }

  private func makeDomain(_ layout: DomainLayout) -> MongoDomain {
    MongoDomain(layout, server: server, threads: threads, signs: signs, now: now)
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

  /// The primary's clock; another member's where there is none to be found.
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
