import EventModel

/// A place where domains are kept: a directory of SQLite files, a database server, memory.
public protocol Storage: Sendable {
  /// The domain's store; the same one for all who have it at a time. Asking creates nothing: a domain
  /// comes to exist with the first write to its store, and before that every read finds nothing.
  func domain(_ name: Name) async throws(StorageError) -> any DomainStore

  /// Whether the domain exists.
  func exists(_ name: Name) async throws(StorageError) -> Bool

  /// The domains that exist, in the order of their names' bytes. One that cannot be opened is named,
  /// and does not keep the others from being.
  func domains() async throws(StorageError) -> [Name]

  /// Ends what is under way and lets go of everything.
  func close() async
}

/// All that Outrider keeps of one domain.
public typealias DomainStore = EventStore & SubscriptionStore

/// Why a store did not do what it was asked.
public struct StorageError: Error, Equatable, Sendable {
  public enum Code: Sendable {
    /// Temporary: the disk is full or read-only, the server is away. Trying later may help.
    case unavailable
    /// The lease that the call relied on is someone else's now.
    case fenced
    /// A value is larger than the store takes.
    case tooLarge
    /// What is stored cannot be what was written.
    case corrupt
    /// The store is not one that this program can use: another version, other settings.
    case incompatible
  }

  public var code: Code
  /// What happened and where, and what to do about it.
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}
