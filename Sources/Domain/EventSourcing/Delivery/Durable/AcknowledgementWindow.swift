/// What was delivered on one lane and is not done with, and how far everything is.
///
/// Acknowledgements come in any order. The window spans the commits from the first one on that is
/// not acknowledged. Its size bounds what is kept here, and what comes again after a crash.
///
/// A state machine: no waiting, no clock, no I/O. Numbers are those of positions in one partition.
struct AcknowledgementWindow {
  private struct Entry {
    let number: UInt64
    var isAcknowledged = false
  }

  /// Everything up to here was delivered or left out.
  private(set) var lastPassed: UInt64
  private let size: Int
  /// Rising. Those before `first` are done with, and the one at `first` is not.
  private var entries: [Entry] = []
  private var first = 0

  /// - Parameters:
  ///   - checkpoint: everything up to here is done with.
  ///   - size: commits that the window spans at most, 1 or more.
  init(startingAt checkpoint: UInt64, size: Int) {
    precondition(size > 0, "a window has room for one")
    lastPassed = checkpoint
    self.size = size
  }

  /// Whether another commit may be delivered.
  var hasRoom: Bool { entries.count - first < size }

  /// Whether everything that was delivered is acknowledged.
  var isIdle: Bool { first == entries.count }

  /// The memory that it takes: it grows up to twice the size, and does not shrink.
  var byteCount: Int { entries.capacity * MemoryLayout<Entry>.stride }

  /// Everything up to here is acknowledged or left out.
  var lowWaterMark: UInt64 { isIdle ? lastPassed : entries[first].number - 1 }

  /// The commit at this position goes to the consumer.
  mutating func deliver(_ number: UInt64) {
    precondition(
      hasRoom && number > lastPassed, "commits are delivered in order, within the window")
    entries.append(Entry(number: number))
    lastPassed = number
  }

  /// Nothing up to this position is for the consumer, but for what was delivered.
  mutating func leaveOut(upTo number: UInt64) { lastPassed = max(lastPassed, number) }

  /// The consumer is done with the commit at this position.
  ///
  /// - Returns: false if the commit was not delivered, or is acknowledged already.
  mutating func acknowledge(_ number: UInt64) -> Bool {
    guard let index = index(of: number), !entries[index].isAcknowledged else { return false }
    entries[index].isAcknowledged = true
    while first < entries.count, entries[first].isAcknowledged { first += 1 }
    if first > size {
      entries.removeFirst(first)
      first = 0
    }
    return true
  }

  /// Where the window has the position, by halving.
  private func index(of number: UInt64) -> Int? {
    var (low, high) = (first, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].number == number ? low : nil
  }
}
