/// Everything here that could grow, and how far it may.
enum Limits {
  /// Writes that wait; one more is refused as `.unavailable`.
  static let writesWaiting = (count: 16_384, bytes: 64 << 20)
  /// Reads that wait; one more is refused as `.unavailable`.
  static let readsWaiting = (count: 16_384, bytes: 64 << 20)
  /// Writes that share one transaction; the rest comes in the next.
  static let group = (count: 1024, bytes: 16 << 20)
  /// The same of writes in the background: others wait for one such group. It takes a millisecond.
  static let backgroundGroup = (count: 32, bytes: 256 << 10)
  /// A file's name without its suffix; a longer one is shortened. File systems take 255 bytes, and
  /// the longest suffix, SQLite's own `.db-journal`, takes 11.
  static let fileNameBytes = 244
  /// Threads that read one domain at a time, each with a connection of its own.
  static let readers = 2
  /// What a follower lacks of the log is read on its own thread up to here, and by another beyond.
  static let readInPlace = (count: 64, bytes: 64 << 10)
  /// Threads for the writes of all domains: so many files are synced at once.
  static let writingThreads = 8
  /// Files that are opened, and closed for others, at once: beside those that are open.
  static let filesChanging = 8
  /// Threads for the reads of all domains.
  static let readingThreads = 4
  /// How long a write waits for another process before it fails.
  static let patience = Duration.seconds(5)
  /// How often to look for another process's writes, while someone waits for them.
  static let pollInterval = (min: Duration.milliseconds(5), max: Duration.milliseconds(100))
  /// New pages in the write-ahead log after which the writer copies them to the main file, between
  /// two groups: while nobody waits, and in any case. 4 MiB take 1 to 4 ms, 16 MiB 5 to 15; fewer
  /// pages at once would be copied, and synced, more often.
  static let pagesInLog = (idle: 1024, max: 4096)
  /// The log's size on disk that is kept after a burst.
  static let logBytes = 64 << 20
  /// Memory for pages, in KiB, of the writer and of each reader.
  static let cache = (writer: 8192, reader: 2048)
}
