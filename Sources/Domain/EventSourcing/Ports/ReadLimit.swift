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

/// What one read brings: as many entries as its limit allows, but one at least.
public struct Portion<Entry> {
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
}

extension Portion where Entry == RecordedCommit {
  /// Adds the commit if it fits in. False: it does not.
  public mutating func take(_ recorded: RecordedCommit) -> Bool {
    let commit = recorded.commit
    guard admits(commit.pages.bytes.count + (commit.snapshot?.state.count ?? 0)) else {
      return false
    }
    append(recorded)
    return true
  }
}

extension Portion where Entry == ConsumerRecord {
  /// Adds the record if it fits in. False: it does not.
  public mutating func take(_ record: ConsumerRecord) -> Bool {
    guard admits(record.value?.count ?? 0) else { return false }
    append(record)
    return true
  }
}
