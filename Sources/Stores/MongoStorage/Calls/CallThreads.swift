import EventSourcing
import Threads

/// Threads that make blocking calls for asynchronous functions. Each borrows a client of the pool
/// for one call.
final class CallThreads: Sendable {
  private struct Call: Sendable {
    /// Makes the call and resumes its caller; returns the failure, if any.
    let perform: @Sendable (Server) -> MongoFailure?
    /// Resumes the caller with an error, without making the call.
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

  // The threads retain only the mailbox: they end when the storage and its domains are gone.
  deinit { mailbox.close() }

  /// Makes the call on a thread, and returns its result.
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

  /// Refuses new calls. Waiting ones are still made, and then the threads end.
  func close() async {
    mailbox.close()
    await pool.close()
  }

  private static func run(_ mailbox: Mailbox<Call>, _ server: Server) {
    while let calls = mailbox.take(atMost: (count: 1, bytes: .max)) {
      guard let failure = calls.first?.perform(server), failure.kind == .away else { continue }
      // The calls behind have waited for the server just as long. If each tried by itself, the
      // last would wait for minutes.
      let waiting = mailbox.take(atMost: (count: .max, bytes: .max), waiting: false) ?? []
      for call in waiting { call.refuse(failure.storageError(server.place)) }
    }
  }
}
