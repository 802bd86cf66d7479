/// A place where domains are kept: a directory of SQLite files, a database server, memory.
public protocol Storage: Sendable {
  /// The domain's store, created where it does not exist. The same one each time.
  func domain(_ name: String) async throws(StorageError) -> any DomainStore

  /// The domains that exist, in alphabetical order.
  func domains() async throws(StorageError) -> [String]

  /// Ends what is under way and lets go of everything.
  func close() async
}

/// All that Outrider keeps of one domain.
public typealias DomainStore = EventStore & SubscriptionStore
