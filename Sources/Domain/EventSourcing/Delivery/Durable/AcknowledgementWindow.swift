import Queues

/// The unacknowledged deliveries of one lane, and the lane's checkpoint.
///
/// Acknowledgements arrive in any order. The window starts at the first unacknowledged commit.
/// Its size bounds memory, and the repeats after a crash.
///
/// A state machine: no waiting, no clock, no I/O. Numbers are positions in one partition.
struct AcknowledgementWindow {
  private struct Entry {
    let number: UInt64
    var isAcknowledged = false
  }

  /// Every commit up to here was delivered or left out.
  private(set) var lastPassed: UInt64
  private let size: Int
  /// Ascending. The first one is not acknowledged.
  private var entries = Queue<Entry>()

  /// - Parameters:
  ///   - checkpoint: every commit up to here is handled.
  ///   - size: the most commits that the window spans, 1 or more.
  init(startingAt checkpoint: UInt64, size: Int) {
    precondition(size > 0, "a window has room for one")
    lastPassed = checkpoint
    self.size = size
  }

  /// Whether another commit may be delivered.
  var hasRoom: Bool { entries.count < size }

  /// Whether every delivered commit is acknowledged.
  var isIdle: Bool { entries.isEmpty }

  /// The memory in bytes: it grows up to twice the size, and does not shrink.
  var byteCount: Int { entries.byteCount }

  /// Every commit up to here is acknowledged or left out.
  var lowWaterMark: UInt64 { entries.first.map { $0.number - 1 } ?? lastPassed }

  /// Records that the commit at this position goes to the consumer.
  mutating func deliver(_ number: UInt64) {
    precondition(
      hasRoom && number > lastPassed, "commits are delivered in order, within the window")
    entries.append(Entry(number: number))
    lastPassed = number
  }

  /// Passes the commits up to this position that are not for the consumer.
  mutating func leaveOut(upTo number: UInt64) { lastPassed = max(lastPassed, number) }

  /// Records an acknowledgement.
  ///
  /// - Returns: false if the commit was not delivered, or is already acknowledged.
  mutating func acknowledge(_ number: UInt64) -> Bool {
    guard let index = index(of: number), !entries[index].isAcknowledged else { return false }
    entries[index].isAcknowledged = true
    while entries.first?.isAcknowledged == true { _ = entries.popFirst() }
    return true
  }

  /// Finds the position's index by binary search.
  private func index(of number: UInt64) -> Int? {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].number == number ? low : nil
  }
}
