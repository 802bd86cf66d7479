import EventModel
import EventSourcing
import Files
import Timing

/// A directory with one SQLite file for each domain: durable, for development and one machine.
///
/// Several processes may use one directory at once. An append is answered when it is on disk;
/// appends that come together share one write.
public final class SQLiteStorage: Storage {
  private let directory: DataDirectory
  private let version: String?
  private let now: @Sendable () -> Timestamp
  /// Of holders of leases. What they write is fenced by the lease's token, whatever this says.
  private let holders: SignsOfLife
  let files: OpenFiles
  private let domainTable = DomainTable<SQLiteDomain>()

  /// How many files are open at a time, unless told otherwise.
  public static let openFilesDefault = 64

  /// Creates the directory where it is missing. Leases expire by `now`, or with their holder's
  /// process.
  ///
  /// - Parameters:
  ///   - openFilesMax: files of domains that are open at a time. Each takes up to 8 descriptors.
  ///     The one that was not used for longest is closed for another.
  ///   - version: of Outrider, kept in each file with the format that it gets from this process,
  ///     for an older version to name. Nil: nothing is kept.
  ///
  /// Throws `.unavailable` where the directory cannot be created or written, or there are no
  /// threads.
  public init(
    directory path: String, openFilesMax: Int = openFilesDefault, version: String? = nil,
    now: @escaping @Sendable () -> Timestamp = Environment.live.now
  ) throws(StorageError) {
    directory = try DataDirectory(path)
    self.version = version
    holders = SignsOfLife(file: directory.holdersPath)
    files = OpenFiles(countMax: openFilesMax, threads: try StorageThreads())
    self.now = now
  }

  /// Throws `.incompatible` where the domain's file is not one that this version can use.
  public func domain(_ name: Name) async throws(StorageError) -> any DomainStore {
    try await sqliteDomain(name)
  }

  func sqliteDomain(_ name: Name) async throws(StorageError) -> SQLiteDomain {
    try files.requireOpen()
    if let domain = domainTable.existing(name) { return domain }
    let domain = domainTable.domain(name) {
      SQLiteDomain(
        name, path: directory.path(of: name), version: version, in: files, holders: holders,
        now: now)
    }
    try await domain.openIfExisting()
    if domain.exists { domainTable.keep(domain, as: name) }
    return domain
  }

  public func exists(_ name: Name) async throws(StorageError) -> Bool {
    if domainTable.existing(name) != nil { return true }
    return try await onReadingThread { directory throws(StorageError) in directory.has(name) }
  }

  public func domains() async throws(StorageError) -> [Name] {
    try await onReadingThread { directory throws(StorageError) in try directory.domains() }
  }

  public func probe() async throws(StorageError) -> StorageCondition {
    try await onReadingThread { directory throws(StorageError) in
      StorageCondition(space: try directory.space())
    }
  }

  public func close() async {
    await files.close()
    holders.close()
    for domain in domainTable.all { domain.signal.close() }
  }

  private func onReadingThread<Outcome: Sendable>(
    _ body: @escaping @Sendable (DataDirectory) throws(StorageError) -> Outcome
  ) async throws(StorageError) -> Outcome {
    try files.requireOpen()
    return try await files.threads.reading.call { [directory] () throws(StorageError) in
      try body(directory)
    }
  }
}
