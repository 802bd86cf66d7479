import EventModel

/// The domains that can be read.
public protocol Histories: Sendable {
  /// Returns the existing domains, ordered by their names' bytes. Includes a domain that cannot
  /// be opened, without failing for the others.
  func domains() async throws(StorageError) -> [Name]

  /// Returns the events of an existing domain.
  func history(of domain: Name) async throws(StorageError) -> any EventHistory
}

/// A place where domains are kept: a directory of SQLite files, a database server, memory.
public protocol Storage: Histories {
  /// Returns the domain's store, shared by all concurrent users. Creates nothing: the first write
  /// to its store creates the domain, and until then every read is empty.
  func domain(_ name: Name) async throws(StorageError) -> any DomainStore

  /// Returns whether the domain exists.
  func exists(_ name: Name) async throws(StorageError) -> Bool

  /// Checks that the storage responds, and returns its condition. Reads no domain.
  func probe() async throws(StorageError) -> StorageCondition

  /// Ends calls under way and frees all resources.
  func close() async
}

extension Storage {
  public func history(of domain: Name) async throws(StorageError) -> any EventHistory {
    try await self.domain(domain)
  }
}

/// The complete store of one domain.
public typealias DomainStore = EventStore & ProgressStore

/// The state of one domain's consumers: checkpoints, records, parked aggregates, leases and
/// agendas.
public typealias ProgressStore =
  CheckpointStore & RecordStore & ParkingStore & LeaseStore & AgendaStore

/// A consumer's store: events to read, and a place for its results.
public typealias ConsumerStore = EventHistory & ProgressStore

/// The condition of the storage, as far as it can tell.
public struct StorageCondition: Sendable {
  /// Bytes that this user may still write, and the size of the file system.
  public var space: (free: UInt64, total: UInt64)?
  /// A server's clock, read at some time during the call.
  public var clock: Timestamp?

  public init(space: (free: UInt64, total: UInt64)? = nil, clock: Timestamp? = nil) {
    self.space = space
    self.clock = clock
  }
}
