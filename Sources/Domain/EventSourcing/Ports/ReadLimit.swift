import EventModel

/// The limit of one read. A read always returns one entry if there is any.
public struct ReadLimit: Sendable, Equatable {
  /// Commits or records.
  public var count: Int
  /// Bytes of pages and snapshots, or of projections.
  public var bytes: Int

  public init(count: Int = 1024, bytes: Int = 4 << 20) {
    self.count = count
    self.bytes = bytes
  }
}

/// An entry that one read returns many of.
public protocol ReadEntry {
  /// The bytes that count against `ReadLimit.bytes`.
  var byteCount: Int { get }
}

extension RecordedCommit: ReadEntry {
  public var byteCount: Int { commit.pages.bytes.count + (commit.snapshot?.state.count ?? 0) }
}

extension ConsumerRecord: ReadEntry {
  public var byteCount: Int { value?.count ?? 0 }
}

extension Array where Element: ReadEntry {
  public var byteCount: Int { reduce(0) { $0 + $1.byteCount } }
}

/// The result of one read: as many entries as its limit allows, but at least one.
public struct Portion<Entry: ReadEntry> {
  public private(set) var entries: [Entry] = []
  private var bytes = 0
  private let limit: ReadLimit

  public init(_ limit: ReadLimit) { self.limit = limit }

  /// Whether an entry of this size still fits. Call once for each entry.
  public mutating func admits(_ size: Int) -> Bool {
    bytes += size
    return entries.isEmpty || entries.count < limit.count && bytes <= limit.bytes
  }

  public mutating func append(_ entry: Entry) { entries.append(entry) }

  /// Adds the entry if it fits; returns false if it does not.
  public mutating func take(_ entry: Entry) -> Bool {
    guard admits(entry.byteCount) else { return false }
    append(entry)
    return true
  }
}
