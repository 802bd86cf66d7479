import EventSourcing
import Synchronization

/// The read connections of a domain's file, each opened on demand and lent to one thread at a
/// time.
///
/// Slow reads run on the storage's threads. Reads that take microseconds run on the caller's
/// thread, because waking another thread costs more than the read.
final class Readers: Sendable {
  /// Passed between threads, and never shared: SQLite's multi-thread mode requires no more.
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

  /// The file must exist: a writer has it open.
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

  /// Reads on the caller's thread. Returns nil if another thread must read: no connection is
  /// idle, another process locks the file, or the disk was slow.
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

  /// Closes the idle connections now, and lent ones on return.
  func close() {
    let closed = state.withLock { state in
      state.isClosed = true
      defer { state.idle = [] }
      return state.idle
    }
    withExtendedLifetime(closed) {}
  }
}
