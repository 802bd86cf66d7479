import EventModel
import EventSourcing
import Synchronization
import Threads

/// A directory with one SQLite file for each domain: durable, for development and one machine.
///
/// Several processes may use one directory at once. An append is answered when it is on disk;
/// appends that come together share one write.
public final class SQLiteStorage: Storage {
  private struct State {
    var domains: [String: SQLiteDomain] = [:]
    var isClosed = false
  }

  private let directory: DataDirectory
  private let now: @Sendable () -> Timestamp
  private let state = Mutex(State())
  /// Held while a file is opened, so that each is opened once. `state` stays free meanwhile.
  private let opening = Mutex(())

  /// Creates the directory where it is missing. Leases expire by `now`.
  ///
  /// Throws `.unavailable` where the directory cannot be created or written.
  public init(
    directory path: String, now: @escaping @Sendable () -> Timestamp = wallClock
  ) throws(StorageError) {
    directory = try DataDirectory(path)
    self.now = now
  }

  /// Throws `.incompatible` where the domain's file is not one that this version can use.
  public func domain(_ name: String) async throws(StorageError) -> any DomainStore {
    try await sqliteDomain(name)
  }

  func sqliteDomain(_ name: String) async throws(StorageError) -> SQLiteDomain {
    if let domain = try opened(name) { return domain }
    return try await onNewThread { () throws(StorageError) in
      try self.open(name)
    }
  }

  public func domains() async throws(StorageError) -> [String] {
    try await onNewThread { [directory] () throws(StorageError) in
      try directory.domains()
    }
  }

  public func close() async {
    let domains = state.withLock { state in
      state.isClosed = true
      return state.domains.values
    }
    for domain in domains { await domain.close() }
  }

  private func opened(_ name: String) throws(StorageError) -> SQLiteDomain? {
    try state.withLock { state throws(StorageError) in
      if state.isClosed { throw StorageError(.unavailable, "the store is closed") }
      return state.domains[name]
    }
  }

  private func open(_ name: String) throws(StorageError) -> SQLiteDomain {
    try opening.withLock { _ throws(StorageError) in
      if let domain = try opened(name) { return domain }
      let domain = try SQLiteDomain(name, path: directory.path(of: name), now: now)
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
