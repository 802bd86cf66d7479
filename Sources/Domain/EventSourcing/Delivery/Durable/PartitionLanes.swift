import EventModel

/// Decides what to read for a consumer's lanes in one partition, and what to send.
///
/// One reader serves them all. While the consumer keeps up, all lanes are at the same place, and
/// each commit is read once. A lane whose window is full falls behind, and is read separately
/// once it has room. Lanes then take turns, so one that is far behind does not starve the others.
///
/// A state machine: no waiting, no clock, no I/O.
struct PartitionLanes {
  /// The reader's next step.
  enum Step {
    case tell(ConsumerMessage)
    /// Ends with `pass` or `foundNothing`.
    case read(after: UInt64, for: Set<UInt32>)
  }

  private let partition: UInt32
  /// The largest distance between lanes that share a read.
  private let reach: UInt64
  private var lanes: [UInt32: HeldLane] = [:]
  /// Lanes gained and lost, in order.
  private var changes: [ConsumerMessage] = []
  /// The highest position passed on each lost lane.
  private var passed: [UInt32: UInt64] = [:]
  private var turn: UInt64 = 0
  /// Whether a checkpoint must be saved.
  private(set) var isUnsaved = false

  init(_ partition: UInt32, reach: Int) {
    self.partition = partition
    self.reach = UInt64(reach)
  }

  /// The leases of the lanes held.
  var leases: [UInt32: Lease] { lanes.mapValues(\.lease) }

  /// The lanes that are being given away.
  var retiring: Set<UInt32> { Set(lanes.filter(\.value.isRetiring).keys) }

  /// The memory in bytes.
  var byteCount: Int { lanes.values.reduce(0) { $0 + $1.byteCount } }

  // MARK: Gaining and losing lanes

  mutating func gain(_ lane: UInt32, from checkpoint: UInt64, windowSize: Int, holding lease: Lease)
  {
    lanes[lane] = HeldLane(startingAt: checkpoint, windowSize: windowSize, holding: lease)
    changes.append(.gained(place(lane), checkpoint: checkpoint))
  }

  /// Stops delivering on the lane.
  mutating func retire(_ lane: UInt32) { lanes[lane]?.retire() }

  /// The lane's checkpoint; nil if it is not held by that lease.
  func mark(of lane: UInt32, holding lease: Lease) -> UInt64? {
    lanes[lane].flatMap { $0.lease == lease ? $0.window.lowWaterMark : nil }
  }

  /// Whether all deliveries are acknowledged, or the lane is not held by that lease.
  func isDone(_ lane: UInt32, holding lease: Lease) -> Bool {
    guard let held = lanes[lane], held.lease == lease else { return true }
    return held.window.isIdle
  }

  /// Removes a lane that was released, or that another consumer took.
  mutating func lose(_ lane: UInt32, holding lease: Lease) {
    guard let lost = lanes[lane], lost.lease == lease else { return }
    lanes[lane] = nil
    passed[lane] = max(passed[lane] ?? 0, lost.window.lastPassed)
    changes.append(.lost(place(lane), checkpoint: lost.window.lowWaterMark))
  }

  // MARK: Reading

  /// The next step; nil if there is none until something changes.
  mutating func next() -> Step? {
    if !changes.isEmpty { return .tell(changes.removeFirst()) }
    for lane in lanes.keys {
      if let item = lanes[lane]?.goOn() { return .tell(message(item, lane)) }
    }
    let due = lanes.filter { $0.value.isReader && !$0.value.isAtEnd }
    guard let first = due.min(by: { $0.value.isBefore($1.value) })?.value.lastRead else {
      return nil
    }
    let after = due.values.map(\.lastRead).filter { $0 + reach >= first }.min() ?? first
    let reading = Set(due.filter { $0.value.lastRead >= after }.keys)
    for lane in lanes.keys { lanes[lane]?.isReading = reading.contains(lane) }
    return .read(after: after, for: reading)
  }

  /// The position after which to watch the log if all lanes are at its end; else nil.
  var end: UInt64? {
    let readers = lanes.values.filter(\.isReader)
    return readers.allSatisfy(\.isAtEnd) ? readers.map(\.lastRead).min() : nil
  }

  /// Takes an item read for a lane, in log order. Returns the message to send at once, if any.
  mutating func take(_ item: HeldLane.Item, on lane: UInt32) -> ConsumerMessage? {
    guard lanes[lane]?.isReading == true, lanes[lane]?.take(item) == true else { return nil }
    return message(item, lane)
  }

  /// Ends a read that came this far. Returns true if a waiting task must be woken.
  mutating func pass(upTo number: UInt64) -> Bool {
    let wasUnsaved = isUnsaved
    turn += 1
    for (lane, held) in lanes {
      lanes[lane]?.isAtEnd = false
      guard held.isReading else { continue }
      lanes[lane]?.isReading = false
      if held.lastRead <= number { lanes[lane]?.turn = turn }
      lanes[lane]?.pass(upTo: number)
      noteProgress(lane)
    }
    return isUnsaved && !wasUnsaved
  }

  /// Ends a read that found nothing.
  mutating func foundNothing() {
    for (lane, held) in lanes where held.isReading {
      lanes[lane]?.isReading = false
      lanes[lane]?.isAtEnd = true
    }
  }

  /// Notes that the log may have more.
  mutating func newsCame() { for lane in lanes.keys { lanes[lane]?.isAtEnd = false } }

  // MARK: Acknowledging

  enum Acknowledged {
    /// The commit was never delivered.
    case refused
    case taken
    /// A task waits for this acknowledgement.
    case awaited
  }

  mutating func acknowledge(_ number: UInt64, on lane: UInt32) -> Acknowledged {
    let lastPassed = max(lanes[lane]?.window.lastPassed ?? 0, passed[lane] ?? 0)
    guard number <= lastPassed else { return .refused }
    let wasUnsaved = isUnsaved
    lanes[lane]?.acknowledge(number)
    noteProgress(lane)
    guard let held = lanes[lane] else { return .taken }
    let isAwaited =
      isUnsaved && !wasUnsaved || held.canGoOn || held.isRetiring && held.window.isIdle
    return isAwaited ? .awaited : .taken
  }

  /// The checkpoints to save, by lane.
  mutating func takeUnsaved() -> [(lane: UInt32, number: UInt64, lease: Lease)] {
    isUnsaved = false
    return lanes.keys.compactMap { lane in
      guard let number = lanes[lane]?.takeUnsaved(), let lease = lanes[lane]?.lease else {
        return nil
      }
      return (lane, number, lease)
    }
  }

  // MARK: Details

  private mutating func noteProgress(_ lane: UInt32) {
    if lanes[lane]?.isUnsaved == true { isUnsaved = true }
  }

  private func place(_ lane: UInt32) -> SubscriptionLane {
    SubscriptionLane(partition: partition, lane: lane)
  }

  private func message(_ item: HeldLane.Item, _ lane: UInt32) -> ConsumerMessage {
    switch item {
    case .commit(let commit): .commit(commit, lane: lane)
    case .damage(let position, let message): .damage(position, lane: lane, message)
    }
  }
}

extension HeldLane {
  /// The lane that has waited longest for a read comes first; among equals, the one furthest
  /// behind.
  fileprivate func isBefore(_ other: HeldLane) -> Bool {
    turn == other.turn ? lastRead < other.lastRead : turn < other.turn
  }
}
