import EventModel

/// A lane as the consumer that holds it sees it: what was delivered, what was read and has no room
/// yet, and how far both are.
///
/// A state machine: no waiting, no clock, no I/O.
struct HeldLane {
  /// What is to be delivered on it.
  enum Item {
    case commit(RecordedCommit)
    case damage(Position, String)

    var number: UInt64 {
      switch self {
      case .commit(let recorded): recorded.position.number
      case .damage(let position, _): position.number
      }
    }

    /// What it takes while it waits.
    var byteCount: Int {
      switch self {
      case .commit(let recorded): recorded.byteCount
      case .damage(_, let message): message.utf8.count
      }
    }
  }

  let lease: Lease
  private(set) var window: AcknowledgementWindow
  /// What was read, and did not fit in the window. Nothing more is read for the lane meanwhile, so
  /// this is a part of one read at most.
  private var waiting: [Item] = []
  private var firstWaiting = 0
  /// Everything up to here was read.
  private(set) var lastRead: UInt64
  /// What the store knows to be done with.
  private(set) var saved: UInt64
  /// Nothing more is delivered: the lane is to be given away.
  private(set) var isRetiring = false
  /// Counts the reads of the partition; that of the lane's last one.
  var turn: UInt64 = 0
  /// Whether it takes part in the read that is under way.
  var isReading = false
  /// Whether nothing was found behind `lastRead`.
  var isAtEnd = false

  init(startingAt checkpoint: UInt64, windowSize: Int, holding lease: Lease) {
    self.lease = lease
    window = AcknowledgementWindow(startingAt: checkpoint, size: windowSize)
    (lastRead, saved) = (checkpoint, checkpoint)
  }

  /// Whether more is to be read for it.
  var isReader: Bool { !isRetiring && !isWaiting }

  /// Whether something was read that has room now.
  var canGoOn: Bool { isWaiting && window.hasRoom && !isRetiring }

  /// The memory that it takes.
  var byteCount: Int { window.byteCount + waiting.reduce(0) { $0 + $1.byteCount } }

  /// What was read is to be delivered. True: at once. False: it waits for room, or the lane is to
  /// be given away.
  mutating func take(_ item: Item) -> Bool {
    guard item.number > lastRead, !isRetiring else { return false }
    lastRead = item.number
    guard !isWaiting, window.hasRoom else {
      waiting.append(item)
      return false
    }
    window.deliver(item.number)
    return true
  }

  /// Everything up to here was read, and nothing of it is the lane's but for what it took.
  mutating func pass(upTo number: UInt64) {
    if isRetiring { return }
    lastRead = max(lastRead, number)
    if !isWaiting { window.leaveOut(upTo: lastRead) }
  }

  /// The next that waited, once there is room; it is delivered now.
  mutating func goOn() -> Item? {
    guard canGoOn else { return nil }
    let item = waiting[firstWaiting]
    firstWaiting += 1
    window.deliver(item.number)
    if !isWaiting {
      (waiting, firstWaiting) = ([], 0)
      window.leaveOut(upTo: lastRead)
    }
    return item
  }

  mutating func acknowledge(_ number: UInt64) { _ = window.acknowledge(number) }

  mutating func retire() {
    isRetiring = true
    (waiting, firstWaiting) = ([], 0)
  }

  /// What is done with and was not saved; nil where there is nothing.
  mutating func takeUnsaved() -> UInt64? {
    guard isUnsaved else { return nil }
    saved = window.lowWaterMark
    return saved
  }

  var isUnsaved: Bool { window.lowWaterMark > saved }

  private var isWaiting: Bool { firstWaiting < waiting.count }
}
