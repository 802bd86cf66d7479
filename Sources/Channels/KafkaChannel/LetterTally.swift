import Synchronization

/// Caches the number of letters of a topic, for its current ends.
final class LetterTally: Sendable {
  private struct Count {
    var ends: [Int32: Int64] = [:]
    var letters = 0
  }

  /// Initially as for a topic without partitions, which has no letters.
  private let last = Mutex(Count())

  /// Nil if the topic's ends have changed.
  ///
  /// - Parameter ends: the next offset, by partition.
  func count(at ends: [Int32: Int64]) -> Int? {
    last.withLock { $0.ends == ends ? $0.letters : nil }
  }

  func note(_ letters: Int, at ends: [Int32: Int64]) {
    last.withLock { $0 = Count(ends: ends, letters: letters) }
  }
}
