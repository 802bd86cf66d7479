import EventModel
import Timing

/// Has one process at a time do some work, for as long as it holds a lease.
///
/// A process that lost its lease may not know it yet, so the work must do no harm then: what it
/// writes is fenced by the lease's token.
struct Leadership: Sendable {
  enum Event {
    /// Another process holds the lease; this one tries again and again.
    case standingBy
    /// The lease went to another process.
    case leaseLost
    /// The work, or the lease store, failed. It is tried again after a pause.
    case failed(any Error)
  }

  let lease: Name
  let owner: Name
  let leases: any LeaseStore
  /// How long the lease is held without a renewal: how long a crashed process's place stays empty.
  let duration: Duration
  /// Pauses after failures.
  let retryDelay: (min: Duration, max: Duration)
  let environment: Environment

  /// Works until the task is cancelled, whenever this process holds the lease.
  ///
  /// - Parameter work: ends by throwing only.
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

  /// Renews the lease for ever; throws `.fenced` where it is another's.
  func keep(_ held: Lease) async throws {
    while true {
      try await environment.sleep(duration / 3)
      try await confirm(held)
    }
  }

  /// Renews the lease; throws `.fenced` where it is another's.
  func confirm(_ held: Lease) async throws(StorageError) {
    try await leases.renew(held, for: duration)
  }
}
