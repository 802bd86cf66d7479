import CSQLite
import EventSourcing
import Synchronization
import Threads

/// The one thread that writes a domain's file.
///
/// While it writes one group to disk, the next one gathers in its mailbox: the more callers there
/// are, the more of them share a write. Each waits for the disk once, or a little more.
final class Writer: @unchecked Sendable {
  // The connection and the lock are used only by the thread, which is the last to let go of them:
  // SQLite's multi-thread mode asks for no more. The mailbox and the rest may be used by all.

  let mailbox = Mailbox<Job<WriteGroup>>(limit: Limits.writesWaiting)
  let ended = Milestone()
  /// How many groups were written: there are fewer than writes when callers come together.
  let groupCount = Atomic(0)
  private let domain: String
  private let path: String
  private let signal: ChangeSignal<SQLiteDomain.Topic>
  private var connection: Connection?
  private let lock: FileLock

  /// Opens the file, creates it where it is missing, and starts the thread.
  init(domain: String, path: String, signal: ChangeSignal<SQLiteDomain.Topic>) throws(SQLiteFailure)
  {
    self.domain = domain
    self.path = path
    self.signal = signal
    let lock = try FileLock(path + ".lock")
    self.lock = lock
    connection = try lock.hold(waitingAtMost: Limits.patience) { () throws(SQLiteFailure) in
      try Schema.openForWriting(path, .creating)
    }
    startThread { self.run() }
  }

  private func run() {
    while let jobs = mailbox.take(atMost: Limits.group) { write(jobs) }
    // The last connection copies the write-ahead log to the main file, so under the lock. Where
    // the lock is not to be had, the log stays: it is read at the next start.
    try? lock.hold(waitingAtMost: Limits.patience) { connection = nil }
    ended.reach()
  }

  /// Does all the jobs in one transaction, then tells everyone how it went. Where that fails, half of
  /// them may succeed: a write that the file does not take fails alone.
  private func write(_ jobs: [Job<WriteGroup>]) {
    do throws(SQLiteFailure) {
      let group = try commit(jobs)
      groupCount.add(1, ordering: .relaxed)
      for job in jobs { job.finish(nil) }
      announce(group)
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
    let opened = try Schema.openForWriting(path, .writing)
    connection = opened
    return opened
  }
}
