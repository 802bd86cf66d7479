import EventModel
import Timing

/// Which process is the one active consumer.
public protocol LeaseStore: Sendable {
  /// Takes the lease if it is free, expired, the owner's already, or of an owner whose process is
  /// known to have ended; nil where another holds it. Each new holder's token is higher than every
  /// one before.
  func acquire(
    _ name: Name, owner: Name, duration: Duration
  ) async throws(StorageError) -> Lease?

  /// Has the leases last so long from now on, those of them that nobody else has taken.
  ///
  /// One call, however many there are; each is renewed for itself.
  ///
  /// - Returns: those that were renewed. The others are another's, or were given back.
  func renew(
    _ leases: [Lease], for duration: Duration
  ) async throws(StorageError) -> [Lease]

  /// Gives the lease back early; without effect where it is no longer the holder's.
  func release(_ lease: Lease) async throws(StorageError)

  /// Who holds the lease, or held it last; nil where nobody ever did. Changes nothing.
  func holding(of lease: Name) async throws(StorageError) -> LeaseHolding?
}

extension LeaseStore {
  /// Renews the lease; throws `.fenced` where it is another's.
  func renew(_ lease: Lease, for duration: Duration) async throws(StorageError) {
    guard try await renew([lease], for: duration).contains(lease) else {
      throw StorageError(.fenced, "the lease \(lease.name) was lost")
    }
  }
}

extension LeaseStore where Self: CheckpointStore {
  /// Saves the checkpoint and gives the lease back, so that the next process starts at once and
  /// repeats little. Where that fails, the lease runs out by itself. Done even if the task is
  /// cancelled.
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

/// How a lease stands, for those who watch.
public struct LeaseHolding: Equatable, Sendable {
  /// Nil: it was given back.
  public var owner: Name?
  /// The last holder's fencing token: how many holders there were.
  public var token: UInt64
  /// When it expires, or did, unless it is renewed; by the holder's clock.
  public var expiry: Timestamp

  public init(owner: Name?, token: UInt64, expiry: Timestamp) {
    self.owner = owner
    self.token = token
    self.expiry = expiry
  }
}
