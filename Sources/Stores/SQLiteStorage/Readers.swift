import EventSourcing
import Synchronization

/// The connections that read a domain's file, each lent to one thread at a time and opened when it
/// is first needed.
final class Readers: Sendable {
  /// Handed from thread to thread, and never shared: SQLite's multi-thread mode asks for no more.
  private struct Loan: @unchecked Sendable {
    var connection: Connection
  }

  private let path: String
  private let idle = Mutex<[Loan]>([])

  /// The file exists: a writer has it open.
  init(path: String) { self.path = path }

  func perform(_ job: Job<Connection>) {
    do throws(SQLiteFailure) {
      let lent = idle.withLock { $0.popLast() }
      var connection = if let lent { lent.connection } else { try Schema.openForReading(path) }
      let loan = Loan(connection: connection)
      defer { idle.withLock { $0.append(loan) } }
      try job.perform(in: &connection)
      job.finish(nil)
    } catch {
      job.finish(error.storageError(path))
    }
  }

  /// Closes what is not lent.
  func close() {
    let closed = idle.withLock { idle in
      defer { idle = [] }
      return idle
    }
    withExtendedLifetime(closed) {}
  }
}
