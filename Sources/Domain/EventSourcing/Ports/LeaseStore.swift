import EventModel
import Timing

/// Leases that elect the one active consumer.
public protocol LeaseStore: Sendable {
  /// Takes the lease if it is free, expired, already the owner's, or held by an owner whose
  /// process is known to have ended; nil if another owner holds it. Each new holder's token is
  /// higher than all earlier ones.
  func acquire(
    _ name: Name, owner: Name, duration: Duration
  ) async throws(StorageError) -> Lease?

  /// Extends the leases by `duration` from now, except those that another owner has taken.
  ///
  /// Takes one call for any number of leases; each is renewed independently.
  ///
  /// - Returns: the renewed leases. The others were taken or released.
  func renew(
    _ leases: [Lease], for duration: Duration
  ) async throws(StorageError) -> [Lease]

  /// Releases the lease; no effect if the caller no longer holds it.
  func release(_ lease: Lease) async throws(StorageError)

  /// Returns the current or last holder; nil if the lease was never held. Changes nothing.
  func holding(of lease: Name) async throws(StorageError) -> LeaseHolding?
}

extension LeaseStore {
  /// Renews the lease; throws `.fenced` if another owner has it.
  func renew(_ lease: Lease, for duration: Duration) async throws(StorageError) {
    guard try await renew([lease], for: duration).contains(lease) else {
      throw StorageError(.fenced, "the lease \(lease.name) was lost")
    }
  }
}

extension LeaseStore where Self: CheckpointStore {
  /// Saves the checkpoint and releases the lease, so that the next process starts at once and
  /// repeats little. On failure the lease expires by itself. Ignores cancellation.
  func leave(_ lease: Lease, of subscription: Name, at position: Position) async {
    await Task(executorPreference: LooseTasks.executor) {
      try? await advance(subscription, to: position, holding: lease)
      try? await release(lease)
    }.value
  }
}

/// The right to be the one active consumer, until it expires.
public struct Lease: Equatable, Sendable {
  public var name: Name
  public var owner: Name
  /// The fencing token: higher than that of every earlier holder.
  public var token: UInt64

  public init(name: Name, owner: Name, token: UInt64) {
    self.name = name
    self.owner = owner
    self.token = token
  }
}

/// The state of a lease, for monitoring.
public struct LeaseHolding: Equatable, Sendable {
  /// Nil: released.
  public var owner: Name?
  /// The last holder's fencing token, which counts the holders so far.
  public var token: UInt64
  /// The time of expiry without renewal, by the holder's clock.
  public var expiry: Timestamp

  public init(owner: Name?, token: UInt64, expiry: Timestamp) {
    self.owner = owner
    self.token = token
    self.expiry = expiry
  }
}
