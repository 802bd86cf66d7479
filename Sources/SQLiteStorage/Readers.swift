import EventSourcing
import Threads

/// The threads that read a domain's file, each with a connection of its own.
final class Readers: Sendable {
  let mailbox = Mailbox<Job<Connection>>(limit: Limits.readsWaiting)
  private let path: String
  private let ended: [Milestone]

  /// The file exists: a writer has it open.
  init(path: String) throws(SQLiteFailure) {
    self.path = path
    ended = (0..<Limits.readers).map { _ in Milestone() }
    for milestone in ended {
      let reader = Reader(try Schema.openForReading(path), path)
      startThread { [mailbox] in
        reader.run(mailbox)
        milestone.reach()
      }
    }
  }

  func close() async {
    mailbox.close()
    for milestone in ended { await milestone.wait() }
  }
}

/// What one thread owns.
private final class Reader: @unchecked Sendable {
  // Handed from the thread that opens the file to the one that reads it, and never shared:
  // SQLite's multi-thread mode asks for no more.

  private var connection: Connection?
  private let path: String

  init(_ connection: Connection, _ path: String) {
    self.connection = connection
    self.path = path
  }

  func run(_ mailbox: Mailbox<Job<Connection>>) {
    while let jobs = mailbox.take(atMost: (count: 1, bytes: .max)) {
      for job in jobs { perform(job) }
    }
    connection = nil
  }

  private func perform(_ job: Job<Connection>) {
    guard var connection else { return }
    do throws(SQLiteFailure) {
      try job.perform(in: &connection)
      job.finish(nil)
    } catch {
      job.finish(error.storageError(path))
    }
  }
}
