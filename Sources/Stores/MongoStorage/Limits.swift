/// The store's bounds.
enum Limits {
  // MARK: Calls

  /// Waiting appends and saves; one more is refused as `.unavailable`.
  static let writesWaiting = (count: 16_384, bytes: 64 << 20)
  /// Other waiting calls; one more is refused as `.unavailable`.
  static let callsWaiting = (count: 16_384, bytes: Int.max)
  /// Writes in one group; the rest goes into the next.
  static let group = (count: 1024, bytes: 8 << 20)
  /// Entries of an agenda that one command writes.
  static let entriesAtOnce = 256
  /// Threads for all calls except appends, saves and leases.
  static let callThreads = 4
  /// Threads for leases.
  static let leaseThreads = 2
  /// Threads for the appends and saves of all domains: this many groups run at once.
  static let writingThreads = 12
  /// Groups of one domain that are appended at once, each for its share of the roots: one
  /// reserves positions while the other inserts.
  static let appendQueues = 2
  /// Clients in use at once, each with its own connection.
  static let clients: Int32 = 256
  /// Aggregates whose next number is cached, in each of two generations.
  static let headsRemembered = 32_768

  // MARK: Time

  /// How long a write with an unknown outcome is retried before its caller gets an error.
  static let patience = Duration.seconds(10)
  /// Back-off between tries.
  static let retryDelay = (min: Duration.milliseconds(5), max: Duration.milliseconds(500))
  /// Time to find a server for a call. The URI may override this and the next two.
  static let serverSelectionTimeout = Duration.seconds(3)
  static let connectTimeout = Duration.seconds(3)
  /// Longest silence of a server during a call.
  static let socketTimeout = Duration.seconds(10)
  /// Longest time until the majority confirms a write.
  static let writeTimeout = Duration.seconds(10)
  /// Interval of polling for other processes' writes, while a caller waits: at rest, four queries
  /// a second for each watched log or subscription.
  static let pollInterval = (min: Duration.milliseconds(10), max: Duration.milliseconds(250))

  /// A group waits for as many writes as the last one had, but at most this fraction of the last
  /// one's duration.
  static let gathering = 8

  // MARK: Holes

  /// How long a position may stay empty, once a later one is taken, before a reader fills it.
  static let holePatience = (min: Duration.seconds(1), max: Duration.seconds(10))
  /// Interval between a reader's checks of a hole.
  static let holeInterval = (min: Duration.milliseconds(2), max: Duration.milliseconds(100))
  /// Positions filled in one write.
  static let holesFilled = 1000

  /// Holes of a partition whose age is tracked. Beyond this, the least recently seen one is
  /// dropped.
  static let holesWatched = 64

  // MARK: Reading

  /// Positions of a settled prefix that one query checks.
  static let positionsLookedAt: UInt64 = 4096
  /// Growth of a settled prefix before its end is stored again. A process that starts rechecks at
  /// most this much.
  static let positionsUnkept: UInt64 = 1024

  /// Portions of one log read ahead, each of the size that readers request.
  static let portionsAhead = 4

  /// Ranges of events in one query for effects.
  static let causesAtOnce = 64

  // MARK: Sizes

  /// Documents in one batch from the server.
  static let documentsInBatch: UInt64 = 1024

  /// The longest domain part of a collection's name; a longer one is shortened. MongoDB takes 255
  /// bytes for `DATABASE.KIND.DOMAIN`: 63 for the database, 8 for the kind, and the two dots.
  static let collectionNameBytes = 182

  /// MongoDB's limit for a document.
  static let documentBytes = 16 << 20
}

extension Duration {
  var microseconds: Int64 {
    components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
  }

  var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
