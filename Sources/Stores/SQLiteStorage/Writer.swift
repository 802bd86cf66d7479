import CSQLite
import EventModel
import EventSourcing
import Synchronization
import Threads

/// Writes a domain's file in groups of jobs, with one sync for each group (group commit). A
/// background group is not synced: the next synced group also flushes its pages, which come first
/// in the write-ahead log.
///
/// Used by one thread at a time, as SQLite's multi-thread mode requires.
final class Writer: @unchecked Sendable {
  /// The number of groups written; lower than the number of writes if callers write concurrently.
  let groupCount = Atomic(0)
  private let domain: Name
  private let path: String
  private let version: String?
  private let signal: ChangeSignal<SQLiteDomain.Topic>
  private var connection: Connection?
  private let lock: FileLock

  /// Opens the file; creates a missing one if `access` allows it.
  ///
  /// - Parameter version: of Outrider, kept with the format that it gives the file.
  init(
    domain: Name, path: String, _ access: Connection.Access, version: String?,
    signal: ChangeSignal<SQLiteDomain.Topic>
  ) throws(SQLiteFailure) {
    self.domain = domain
    self.path = path
    self.version = version
    self.signal = signal
    let lock = try FileLock(path + ".lock")
    self.lock = lock
    connection = try lock.hold(waitingAtMost: Limits.patience) { () throws(SQLiteFailure) in
      try Schema.openForWriting(path, of: domain, access, by: version)
    }
  }

  deinit { close() }

  /// Closing the last connection copies the write-ahead log to the main file, so take the lock.
  /// Without the lock, the log stays, and the next start reads it.
  func close() {
    if connection == nil { return }
    try? lock.hold(waitingAtMost: Limits.patience) { connection = nil }
  }

  /// Runs all jobs in one transaction, then finishes each. After a failure, retries each half by
  /// itself, so that a write that the file does not take fails alone.
  func write(_ jobs: [Job<WriteGroup>]) {
    do throws(SQLiteFailure) {
      let group = try commit(jobs)
      groupCount.add(1, ordering: .relaxed)
      for job in jobs { job.finish(nil) }
      announce(group)
      copyLog(longerThan: Limits.pagesInLog.max)
    } catch {
      if jobs.count > 1, error.mayBeOneWrites {
        let half = jobs.count / 2
        write(Array(jobs[..<half]))
        write(Array(jobs[half...]))
      } else {
        let failure = error.storageError(path)
        for job in jobs { job.finish(failure) }
      }
    }
  }

  /// Copies the write-ahead log to the main file if it has this many new pages. After a failure
  /// the next group tries again; a full disk also shows in later writes.
  func copyLog(longerThan pages: Int) {
    guard let connection, connection.pagesToCopy >= pages else { return }
    try? lock.hold(waitingAtMost: Limits.patience) { () throws(SQLiteFailure) in
      try connection.copyLog()
    }
  }

  private func announce(_ group: WriteGroup) {
    if let head = group.logHead { signal.learn(.log, head.number) }
    for (subscription, revision) in group.revisions {
      signal.learn(.changes(subscription: subscription), revision.rawValue)
    }
  }

  private func commit(_ jobs: [Job<WriteGroup>]) throws(SQLiteFailure) -> WriteGroup {
    try lock.hold(waitingAtMost: Limits.patience) { () throws(SQLiteFailure) in
      let connection = try openConnection()
      var group = WriteGroup(connection, domain: domain)
      do throws(SQLiteFailure) {
        try connection.syncCommits(jobs.contains { !$0.isInBackground })
        try connection.write { () throws(SQLiteFailure) in
          for job in jobs { try job.perform(in: &group) }
        }
      } catch {
        // After an I/O error the connection's state is unknown: the next group reopens the file.
        if error.code & 0xFF == SQLITE_IOERR { self.connection = nil }
        throw error
      }
      return group
    }
  }

  /// Creates no file here: a deleted file must not be replaced by an empty one, and a moved one
  /// must not be written.
  private func openConnection() throws(SQLiteFailure) -> Connection {
    if let connection {
      guard connection.hasMoved else { return connection }
      throw SQLiteFailure(SQLITE_CANTOPEN, "it was moved or deleted while in use; start again")
    }
    let opened = try Schema.openForWriting(path, of: domain, .writing, by: version)
    connection = opened
    return opened
  }
}
