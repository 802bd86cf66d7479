import EventSourcing
import Threads

/// The threads that make blocking calls for asynchronous functions, each with a client of the pool
/// while it makes one.
final class CallThreads: Sendable {
  private struct Call: Sendable {
    /// Makes the call and tells its caller; returns the failure that it met.
    let perform: @Sendable (Server) -> MongoFailure?
    /// Tells its caller that it was not made.
    let refuse: @Sendable (StorageError) -> Void
  }

  private let server: Server
  private let mailbox = Mailbox<Call>(limit: Limits.callsWaiting)
  private let pool: ThreadPool

  init(_ server: Server, count: Int) throws(ThreadFailure) {
    self.server = server
    pool = try ThreadPool(threads: count)
    for _ in 0..<count {
      pool.run { [mailbox] in Self.run(mailbox, server) }
    }
  }

  // The threads hold the mailbox alone: they end when the storage and its domains are gone.
  deinit { mailbox.close() }

  /// Has a thread make the call, and waits for its outcome.
  func call<Outcome: Sendable>(
    _ work: @escaping @Sendable (Client) throws(MongoFailure) -> Outcome
  ) async throws(StorageError) -> Outcome {
    let place = server.place
    let answer: Result<Outcome, StorageError> = await withCheckedContinuation { continuation in
      let call = Call(
        perform: { server in
          do throws(MongoFailure) {
            continuation.resume(returning: .success(try server.withClient(work)))
            return nil
          } catch {
            continuation.resume(returning: .failure(error.storageError(place)))
            return error
          }
        },
        refuse: { continuation.resume(returning: .failure($0)) })
      switch mailbox.put(call) {
      case .delivered: break
      case .full:
        call.refuse(
          StorageError(.unavailable, "too many calls wait for the database; try again later"))
      case .closed: call.refuse(StorageError(.unavailable, "the database is closed"))
      }
    }
    return try answer.get()
  }

  /// Takes no more calls. What waits is still done, and the threads end.
  func close() async {
    mailbox.close()
    await pool.close()
  }

  private static func run(_ mailbox: Mailbox<Call>, _ server: Server) {
    while let calls = mailbox.take(atMost: (count: 1, bytes: .max)) {
      guard let failure = calls.first?.perform(server), failure.kind == .away else { continue }
      // Those behind have waited for the server just as long; each trying for itself would make
      // the last of them wait for minutes.
      let waiting = mailbox.take(atMost: (count: .max, bytes: .max), waiting: false) ?? []
      for call in waiting { call.refuse(failure.storageError(server.place)) }
    }
  }
}
