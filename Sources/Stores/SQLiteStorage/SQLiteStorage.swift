import EventModel
import EventSourcing
import Files
import Timing

/// A directory with one SQLite file for each domain: durable, for development and one machine.
///
/// Several processes may share one directory. An append returns once it is on disk; concurrent
/// appends share one write (group commit).
public final class SQLiteStorage: Storage {
  private let directory: DataDirectory
  private let version: String?
  private let now: @Sendable () -> Timestamp
  /// Signs of life of lease holders. The lease's token fences a holder's writes even if a sign is
  /// wrong.
  private let holders: SignsOfLife
  let files: OpenFiles
  private let domainTable = DomainTable<SQLiteDomain>()

  /// The default number of open files.
  public static let openFilesDefault = 64

  /// Creates the directory if it does not exist. Leases expire by `now`, or with their holder's
  /// process.
  ///
  /// - Parameters:
  ///   - openFilesMax: domain files open at a time, each with up to 8 descriptors. The least
  ///     recently used one is closed for another.
  ///   - version: of Outrider, kept in each file with the format that this process gives it, for an
  ///     older version to name. Nil: nothing is kept.
  ///
  /// Throws `.unavailable` if the directory cannot be created or written, or threads cannot be
  /// started.
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

  /// Throws `.incompatible` if this version cannot use the domain's file.
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
