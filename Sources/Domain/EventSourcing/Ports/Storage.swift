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

  /// Asks for a sign of life, and what the place tells of itself. Reads nothing of any domain.
  func probe() async throws(StorageError) -> StorageCondition

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

/// What consumers of one domain keep: how far they are, what they made of it, and what they are to
/// do later.
public typealias ProgressStore =
  CheckpointStore & RecordStore & ParkingStore & LeaseStore & AgendaStore

/// What a consumer works with: events to read, and a place to keep what it made of them.
public typealias ConsumerStore = EventHistory & ProgressStore

/// What the place where domains are kept tells of itself, as far as it can.
public struct StorageCondition: Sendable {
  /// Bytes that this user may still write, and all that there are, of the file system.
  public var space: (free: UInt64, total: UInt64)?
  /// The clock of a server, some time between the question and the answer.
  public var clock: Timestamp?

  public init(space: (free: UInt64, total: UInt64)? = nil, clock: Timestamp? = nil) {
    self.space = space
    self.clock = clock
  }
}
