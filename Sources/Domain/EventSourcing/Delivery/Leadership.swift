import EventModel
import Timing

/// Lets one process at a time do some work, while it holds a lease.
///
/// A process may not know yet that it lost its lease, so the lease's token fences its writes.
/// writes is fenced by the lease's token.
struct Leadership: Sendable {
  enum Event {
    /// Another process holds the lease; this one retries.
    case standingBy
    /// The lease went to another process.
    case leaseLost
    /// The work or the lease store failed; retried after a pause.
    case failed(any Error)
  }

  let lease: Name
  let owner: Name
  let leases: any LeaseStore
  /// Time a lease lasts without renewal, so the longest gap after a process crashes.
  let duration: Duration
  /// Back-off after failures.
  let retryDelay: (min: Duration, max: Duration)
  let environment: Environment

  /// Works until cancelled, whenever this process holds the lease.
  ///
  /// - Parameter work: returns only by throwing.
  func run(
    observe: (Event) -> Void, _ work: (Lease) async throws -> Void
  ) async {
    var backoff = Backoff(from: retryDelay.min, upTo: retryDelay.max)
    var isStandingBy = false
    var began = environment.instant()
    while !Task.isCancelled {
      do {
        let held = try await leases.acquire(lease, owner: owner, duration: duration)
        guard let held else {
          if !isStandingBy { observe(.standingBy) }
          isStandingBy = true
          try await environment.sleep(duration / 8)
          continue
        }
        isStandingBy = false
        began = environment.instant()
        try await work(held)
      } catch let error as StorageError where error.code == .fenced {
        observe(.leaseLost)
      } catch {
        if Task.isCancelled { return }
        observe(.failed(error))
        if environment.instant() - began > retryDelay.max { backoff.reset() }
        try? await environment.sleep(backoff.next(random: environment.random()))
      }
    }
  }

  /// Renews the lease without end; throws `.fenced` if another process has it.
  func keep(_ held: Lease) async throws {
    while true {
      try await environment.sleep(duration / 3)
      try await confirm(held)
    }
  }

  /// Renews the lease; throws `.fenced` if another process has it.
  func confirm(_ held: Lease) async throws(StorageError) {
    try await leases.renew(held, for: duration)
  }
}
