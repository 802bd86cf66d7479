import EventModel

/// The current letters of a topic, with their places. A state machine that gets each message in
/// the order of its partition.
struct LetterIndex: Sendable {
  struct Entry: Sendable, Equatable {
    let id: String
    let partition: Int32
    let offset: Int64
    /// When the broker received it, in milliseconds.
    let timestamp: Int64
    let byteCount: Int
  }

  private var entries: [String: Entry] = [:]

  mutating func add(_ entry: Entry) { entries[entry.id] = entry }

  mutating func remove(_ id: String) { entries[id] = nil }

  /// Oldest first.
  var letters: [Entry] {
    entries.values.sorted {
      ($0.timestamp, $0.partition, $0.offset) < ($1.timestamp, $1.partition, $1.offset)
    }
  }
}

extension Collection<LetterIndex.Entry> {
  /// As many of the first entries as the bounds allow, but at least one of any size.
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
