/// Everything here that could grow, and how far it may.
enum Limits {
  // MARK: Calls

  /// Appends that wait, and saves; one more is refused as `.unavailable`.
  static let writesWaiting = (count: 16_384, bytes: 64 << 20)
  /// Other calls that wait; one more is refused as `.unavailable`.
  static let callsWaiting = (count: 16_384, bytes: Int.max)
  /// Writes that share one round; the rest comes in the next.
  static let group = (count: 1024, bytes: 8 << 20)
  /// Entries of an agenda that one command writes.
  static let entriesAtOnce = 256
  /// Threads for all calls but appends, saves and leases.
  static let callThreads = 4
  /// Threads for leases.
  static let leaseThreads = 2
  /// Threads for the appends and saves of all domains: so many groups are under way at once.
  static let writingThreads = 12
  /// Groups of one domain that are appended at once, each of its share of the roots: one reserves
  /// positions while the other inserts.
  static let appendQueues = 2
  /// Clients at once, each with a connection of its own.
  static let clients: Int32 = 256
  /// Aggregates whose next number is remembered, in each of two generations.
  static let headsRemembered = 32_768

  // MARK: Time

  /// How long a write is tried while its outcome is not known, before its caller is told so.
  static let patience = Duration.seconds(10)
  /// Between two tries.
  static let retryDelay = (min: Duration.milliseconds(5), max: Duration.milliseconds(500))
  /// How long to look for a server that takes the call; the URI may say otherwise, as for the next.
  static let serverSelectionTimeout = Duration.seconds(3)
  static let connectTimeout = Duration.seconds(3)
  /// How long a server may be silent in the middle of a call.
  static let socketTimeout = Duration.seconds(10)
  /// How long the majority may take to confirm a write.
  static let writeTimeout = Duration.seconds(10)
  /// How often to look for other processes' writes, while someone waits for them: at rest, four
  /// queries a second for each log, or subscription's records, that is waited for.
  static let pollInterval = (min: Duration.milliseconds(10), max: Duration.milliseconds(250))

  /// A group waits for as many writes as the last one had, this part of the time that one took at
  /// most.
  static let gathering = 8

  // MARK: Holes

  /// How long a position stays empty, once one behind it is taken, before a reader fills it.
  static let holePatience = (min: Duration.seconds(1), max: Duration.seconds(10))
  /// How often a reader looks whether the hole is filled.
  static let holeInterval = (min: Duration.milliseconds(2), max: Duration.milliseconds(100))
  /// Positions that are filled at once.
  static let holesFilled = 1000

  /// Holes of a partition whose age is remembered; for one more, the one that no reader has stood
  /// at for longest is forgotten.
  static let holesWatched = 64

  // MARK: Reading

  /// Positions of a settled prefix that one query looks at.
  static let positionsLookedAt: UInt64 = 4096
  /// How far a settled prefix grows before the database keeps its end again: as much a process that
  /// starts looks at once more.
  static let positionsUnkept: UInt64 = 1024

  /// Portions of one log that are fetched before a reader asks, each as large as readers ask for.
  static let portionsAhead = 4

  // MARK: Sizes

  /// Documents that the server sends at a time.
  static let documentsInBatch: UInt64 = 1024

  /// A domain's part of a collection's name; a longer one is shortened. MongoDB takes 255 bytes for
  /// `DATABASE.KIND.DOMAIN`: 63 for the database, 8 for the kind, and the two dots.
  static let collectionNameBytes = 182

  /// MongoDB's own limit of a document.
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
