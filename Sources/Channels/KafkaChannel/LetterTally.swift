import Synchronization

/// How many letters a topic had when it ended where it did.
final class LetterTally: Sendable {
  private struct Count {
    var ends: [Int32: Int64] = [:]
    var letters = 0
  }

  /// A topic without partitions has none.
  private let last = Mutex(Count())

  /// Nil where the topic has other ends now.
  ///
  /// - Parameter ends: the next offset, by partition.
  func count(at ends: [Int32: Int64]) -> Int? {
    last.withLock { $0.ends == ends ? $0.letters : nil }
  }

  func note(_ letters: Int, at ends: [Int32: Int64]) {
    last.withLock { $0 = Count(ends: ends, letters: letters) }
  }
}
