import EventModel
import EventSourcing
import Synchronization
import Threads

/// A MongoDB database that holds all domains: durable, shared by many processes.
///
/// An append is answered when a majority of the server's members has it on disk; appends that come
/// together share a round trip. Nothing rests on transactions, nor on the processes' clocks.
public final class MongoStorage: Storage {
  private struct State {
    var domains: [String: MongoDomain] = [:]
    var isClosed = false
  }

  /// What the URI's settings take away from the promises, in sentences for the log.
  public var warnings: [String] { server.warnings }
  /// The servers and the database, without credentials.
  public var place: String { server.place }

  private let server: Server
  private let partitions: UInt32?
  private let now: @Sendable () -> Timestamp
  private let calls: CallThreads
  private let state = Mutex(State())
  /// Held while a domain is opened, so that each is opened once. `state` stays free meanwhile.
  private let opening = Mutex(())

  /// Reads the URI; nothing is contacted before the first call. Leases expire by `now`.
  ///
  /// - Parameters:
  ///   - uri: `mongodb://` or `mongodb+srv://`, with the name of a database.
  ///   - partitions: of each domain's log. Fixed when a domain is created; for one that exists, nil
  ///     or the number that it was created with.
  ///   - report: hears what libmongoc warns of, such as options that it does not know. The last storage
  ///     that was opened in the process has it; called on any thread, must not block.
  ///
  /// Throws `.incompatible` where the URI cannot be read or names no database.
  public init(
    uri: String, partitions: UInt32? = nil, now: @escaping @Sendable () -> Timestamp = wallClock,
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(StorageError) {
    Library.report(to: report)
    server = try Server(uri)
    self.partitions = partitions
    self.now = now
    calls = CallThreads(server)
  }

  /// Throws `.unavailable` where the server does not answer, and `.incompatible` where the domain is
  /// not one that this version can use, or has another number of partitions.
  public func domain(_ name: String) async throws(StorageError) -> any DomainStore {
    try await mongoDomain(name)
  }

  /// Removes the file under `/dev/shm` that libmongoc makes when it is loaded, used or not. To be called
  /// as soon as a process starts: one that is killed cannot remove it.
  public static func removeDriverFile() { Library.removeCounters() }

  func mongoDomain(_ name: String) async throws(StorageError) -> MongoDomain {
    if let domain = try opened(name) { return domain }
    return try await onNewThread { () throws(StorageError) in
      try self.open(name)
    }
  }

  public func domains() async throws(StorageError) -> [String] {
    try await calls.call { client throws(MongoFailure) in try DomainRecord.names(client) }
  }

  public func close() async {
    let domains = state.withLock { state in
      state.isClosed = true
      return state.domains.values
    }
    for domain in domains { await domain.close() }
    await calls.close()
    server.close()
  }

  private func opened(_ name: String) throws(StorageError) -> MongoDomain? {
    try state.withLock { state throws(StorageError) in
      if state.isClosed { throw StorageError(.unavailable, "\(server.place) is closed") }
      return state.domains[name]
    }
  }

  private func open(_ name: String) throws(StorageError) -> MongoDomain {
    try opening.withLock { _ throws(StorageError) in
      if let domain = try opened(name) { return domain }
      let layout: DomainLayout
      do throws(MongoFailure) {
        layout = try server.withClient { client throws(MongoFailure) in
          try DomainLayout.open(name, partitions: partitions, now: now(), client)
        }
      } catch {
        throw error.storageError(server.place)
      }
      let domain = MongoDomain(layout, server: server, calls: calls, now: now)
      let isClosed = state.withLock { state in
        state.domains[name] = domain
        return state.isClosed
      }
      // Whoever closed the storage just now has not seen this one.
      if isClosed { domain.beginClosing() }
      return domain
    }
  }
}
