import EventModel

/// Which process is the one active consumer.
public protocol LeaseStore: Sendable {
  /// Takes the lease if it is free, expired or the owner's already; nil where another holds it.
  /// Each new holder's token is higher than every one before.
  func acquire(
    _ name: Name, owner: Name, duration: Duration
  ) async throws(StorageError) -> Lease?

  /// Gives the lease back early; without effect where it is no longer the holder's.
  func release(_ lease: Lease) async throws(StorageError)
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
