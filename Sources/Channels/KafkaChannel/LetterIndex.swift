import EventModel

/// Which letters of a topic are there, and where. A state machine: it is told each message in the
/// order of its partition.
struct LetterIndex: Sendable {
  struct Entry: Sendable, Equatable {
    let id: String
    let partition: Int32
    let offset: Int64
    /// When the broker got it, in milliseconds.
    let timestamp: Int64
    let byteCount: Int
  }

  private var entries: [String: Entry] = [:]

  mutating func add(_ entry: Entry) { entries[entry.id] = entry }

  mutating func remove(_ id: String) { entries[id] = nil }

  /// From the oldest on.
  var letters: [Entry] {
    entries.values.sorted {
      ($0.timestamp, $0.partition, $0.offset) < ($1.timestamp, $1.partition, $1.offset)
    }
  }
}

extension Collection<LetterIndex.Entry> {
  /// As many of the first ones as the bounds let through; one may have more bytes than that.
  func first(_ count: Int, bytes: Int) -> SubSequence {
    var rest = bytes
    var taken = 0
    return prefix { entry in
      rest -= entry.byteCount
      taken += 1
      return taken <= count && (taken == 1 || rest >= 0)
    }
  }
}
