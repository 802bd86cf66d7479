import EventSourcing
import Synchronization

/// The connections that read a domain's file, each lent to one thread at a time and opened when it
/// is first needed.
///
/// A thread of the storage's own reads whatever takes its time. What takes microseconds is read on
/// the caller's thread: to wake another one costs more than the read.
final class Readers: Sendable {
  /// Handed from thread to thread, and never shared: SQLite's multi-thread mode asks for no more.
  private struct Loan: @unchecked Sendable {
    var connection: Connection
  }

  private struct State {
    var idle: [Loan] = []
    var pace = ReadingPace()
    var isClosed = false
  }

  private let path: String
  private let state = Mutex(State())

  /// The file exists: a writer has it open.
  init(path: String) { self.path = path }

  func perform(_ job: Job<Connection>) {
    do throws(SQLiteFailure) {
      let lent = state.withLock { $0.idle.popLast() }
      var connection = if let lent { lent.connection } else { try Schema.openForReading(path) }
      let loan = Loan(connection: connection)
      defer { takeBack(loan) }
      connection.wait(for: Limits.patience)
      try job.perform(in: &connection)
      job.finish(nil)
    } catch {
      job.finish(error.storageError(path))
    }
  }

  /// Reads on the caller's thread; nil where that is to be done on another, because no connection
  /// is idle, another process holds the file, or the disk has proved slow.
  func readInPlace<Outcome>(
    _ work: (Connection) throws(SQLiteFailure) -> Outcome
  ) throws(StorageError) -> Outcome? {
    let start = ContinuousClock.now
    let lent = state.withLock { state in
      state.pace.allowsInPlace(at: start) ? state.idle.popLast() : nil
    }
    guard let lent else { return nil }
    defer { takeBack(lent, since: start) }
    lent.connection.wait(for: .zero)
    do throws(SQLiteFailure) { return try work(lent.connection) } catch {
      if error.isBusy { return nil }
      throw error.storageError(path)
    }
  }

  private func takeBack(_ loan: Loan, since start: ContinuousClock.Instant? = nil) {
    let end = start.map { _ in ContinuousClock.now }
    state.withLock { state in
      if let start, let end { state.pace.note(end - start, endingAt: end) }
      if !state.isClosed { state.idle.append(loan) }
    }
  }

  /// Closes what is not lent, and what is lent when it comes back.
  func close() {
    let closed = state.withLock { state in
      state.isClosed = true
      defer { state.idle = [] }
      return state.idle
    }
    withExtendedLifetime(closed) {}
  }
}
