/// The store's bounds.
enum Limits {
  /// Waiting writes; one more is refused as `.unavailable`.
  static let writesWaiting = (count: 16_384, bytes: 64 << 20)
  /// Waiting reads; one more is refused as `.unavailable`.
  static let readsWaiting = (count: 16_384, bytes: 64 << 20)
  /// Writes in one transaction; the rest goes into the next.
  static let group = (count: 1024, bytes: 16 << 20)
  /// The same for background writes: others wait for at most one such group, about a millisecond.
  static let backgroundGroup = (count: 32, bytes: 256 << 10)
  /// The longest file name without its suffix; a longer one is shortened. File systems take 255
  /// bytes, and the longest suffix, SQLite's own `.db-journal`, takes 11.
  static let fileNameBytes = 244
  /// Concurrent readers of one domain, each with its own connection.
  static let readers = 2
  /// A follower reads this much of the log on its own thread, and more on another.
  static let readInPlace = (count: 64, bytes: 64 << 10)
  /// Threads for the writes of all domains: this many files are synced at once.
  static let writingThreads = 8
  /// Files being opened or closed at once, beside the open ones.
  static let filesChanging = 8
  /// Threads for the reads of all domains.
  static let readingThreads = 4
  /// How long a write waits for another process before it fails.
  static let patience = Duration.seconds(5)
  /// Interval of polling for other processes' writes, while a caller waits.
  static let pollInterval = (min: Duration.milliseconds(5), max: Duration.milliseconds(100))
  /// New pages in the write-ahead log at which the writer copies them to the main file, between
  /// two groups: `idle` if no prompt write waits, `max` in any case. 4 MiB take 1 to 4 ms, 16 MiB
  /// 5 to 15; smaller copies would sync more often.
  static let pagesInLog = (idle: 1024, max: 4096)
  /// The size of the log file that is kept after a burst.
  static let logBytes = 64 << 20
  /// Page cache in KiB, of the writer and of each reader.
  static let cache = (writer: 8192, reader: 2048)
}
