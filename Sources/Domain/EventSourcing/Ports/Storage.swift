import EventModel

/// The domains whose events may be read.
public protocol Histories: Sendable {
  /// The domains that exist, in the order of their names' bytes. One that cannot be opened is
  /// named, and does not keep the others from being.
  func domains() async throws(StorageError) -> [Name]

  /// The events of a domain that exists.
  func history(of domain: Name) async throws(StorageError) -> any EventHistory
}

/// A place where domains are kept: a directory of SQLite files, a database server, memory.
public protocol Storage: Histories {
  /// The domain's store; the same one for all who have it at a time. Asking creates nothing: a
  /// domain comes to exist with the first write to its store, and before that every read finds
  /// nothing.
  func domain(_ name: Name) async throws(StorageError) -> any DomainStore

  /// Whether the domain exists.
  func exists(_ name: Name) async throws(StorageError) -> Bool

  /// Ends what is under way and lets go of everything.
  func close() async
}

extension Storage {
  public func history(of domain: Name) async throws(StorageError) -> any EventHistory {
    try await self.domain(domain)
  }
}

/// All that Outrider keeps of one domain.
public typealias DomainStore = EventStore & ProgressStore

/// What consumers of one domain keep: how far they are, and what they made of it.
public typealias ProgressStore = CheckpointStore & RecordStore & ParkingStore & LeaseStore

/// What a consumer works with: events to read, and a place to keep what it made of them.
public typealias ConsumerStore = EventHistory & ProgressStore
