import CSQLite
import EventModel
import EventSourcing
import Synchronization
import Threads

/// Writes a domain's file, a group of jobs at a time: what shares a group waits for the disk once.
/// A group of jobs in the background does not wait: the next one takes its pages to the disk, which
/// lie before its own in the write-ahead log.
///
/// Used by one thread at a time, as SQLite's multi-thread mode demands.
final class Writer: @unchecked Sendable {
  /// How many groups were written: there are fewer than writes when callers come together.
  let groupCount = Atomic(0)
  private let domain: Name
  private let path: String
  private let version: String?
  private let signal: ChangeSignal<SQLiteDomain.Topic>
  private var connection: Connection?
  private let lock: FileLock

  /// Opens the file; creates it where that is meant and it is missing.
  ///
  /// - Parameter version: of Outrider, kept with the format that the file gets from it.
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

  /// The last connection copies the write-ahead log to the main file, so under the lock. Where the
  /// lock is not to be had, the log stays: it is read at the next start.
  func close() {
    if connection == nil { return }
    try? lock.hold(waitingAtMost: Limits.patience) { connection = nil }
  }

  /// Does all the jobs in one transaction, then tells everyone how it went. Where that fails, half
  /// of them may succeed: a write that the file does not take fails alone.
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

  /// Copies the write-ahead log to the main file where it has so many new pages. Where it fails,
  /// the next group tries again, and a disk that is full shows in what is written.
  func copyLog(longerThan pages: Int) {
    guard let connection, connection.pagesToCopy >= pages else { return }
    try? lock.hold(waitingAtMost: Limits.patience) { () throws(SQLiteFailure) in
      try connection.copyLog()
    }
  }

  private func announce(_ group: WriteGroup) {
    if let head = group.logHead { signal.learn(.log, head) }
    for (subscription, revision) in group.revisions {
      signal.learn(.changes(subscription: subscription), revision)
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
        // What an I/O error leaves behind in the connection is not worth knowing: the next group
        // opens the file anew.
        if error.code & 0xFF == SQLITE_IOERR { self.connection = nil }
        throw error
      }
      return group
    }
  }

  /// The file is created only at the start: one that is gone later is not to be replaced by an
  /// empty one, nor written where nobody will find it.
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
