import EventModel

/// How much one read brings at most. A read always brings one entry, where there is one.
public struct ReadLimit: Sendable, Equatable {
  /// Commits, or records.
  public var count: Int
  /// Of pages and snapshots, or of projections.
  public var bytes: Int

  public init(count: Int = 1024, bytes: Int = 4 << 20) {
    self.count = count
    self.bytes = bytes
  }
}

/// What one read brings many of.
public protocol ReadEntry {
  /// What counts against `ReadLimit.bytes`.
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

/// What one read brings: as many entries as its limit allows, but one at least.
public struct Portion<Entry: ReadEntry> {
  public private(set) var entries: [Entry] = []
  private var bytes = 0
  private let limit: ReadLimit

  public init(_ limit: ReadLimit) { self.limit = limit }

  /// Whether an entry of that size still fits in. To be asked once for each.
  public mutating func admits(_ size: Int) -> Bool {
    bytes += size
    return entries.isEmpty || entries.count < limit.count && bytes <= limit.bytes
  }

  public mutating func append(_ entry: Entry) { entries.append(entry) }

  /// Adds the entry if it fits in. False: it does not.
  public mutating func take(_ entry: Entry) -> Bool {
    guard admits(entry.byteCount) else { return false }
    append(entry)
    return true
  }
}
