import EventModel
import Queues

/// A lane that a consumer holds: its deliveries, the items read that wait for room, and how far
/// both have come.
///
/// A state machine: no waiting, no clock, no I/O.
struct HeldLane {
  /// An item to deliver.
  enum Item {
    case commit(RecordedCommit)
    case damage(Position, String)

    var number: UInt64 {
      switch self {
      case .commit(let recorded): recorded.position.number
      case .damage(let position, _): position.number
      }
    }

    /// Bytes that it takes while it waits.
    var byteCount: Int {
      switch self {
      case .commit(let recorded): recorded.byteCount
      case .damage(_, let message): message.utf8.count
      }
    }
  }

  let lease: Lease
  private(set) var window: AcknowledgementWindow
  /// Items read that did not fit into the window. The lane is not read further meanwhile, so
  /// these come from at most one read.
  private var waiting = Queue<Item>()
  /// Every commit up to here was read.
  private(set) var lastRead: UInt64
  /// The checkpoint in the store.
  private(set) var saved: UInt64
  /// True while the lane is being given away: nothing more is delivered.
  private(set) var isRetiring = false
  /// The number of the partition's read that last passed this lane.
  var turn: UInt64 = 0
  /// Whether the lane takes part in the current read.
  var isReading = false
  /// Whether the last read found nothing behind `lastRead`.
  var isAtEnd = false

  init(startingAt checkpoint: UInt64, windowSize: Int, holding lease: Lease) {
    self.lease = lease
    window = AcknowledgementWindow(startingAt: checkpoint, size: windowSize)
    (lastRead, saved) = (checkpoint, checkpoint)
  }

  /// Whether to read more for the lane.
  var isReader: Bool { !isRetiring && !isWaiting }

  /// Whether a waiting item now has room.
  var canGoOn: Bool { isWaiting && window.hasRoom && !isRetiring }

  /// The memory in bytes.
  var byteCount: Int { window.byteCount + waiting.reduce(0) { $0 + $1.byteCount } }

  /// Takes an item that was read. Returns true to deliver it at once; false if it waits for room,
  /// or the lane is being given away.
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

  /// Ends a read that came this far: the lane has no other commits up to here.
  mutating func pass(upTo number: UInt64) {
    if isRetiring { return }
    lastRead = max(lastRead, number)
    if !isWaiting { window.leaveOut(upTo: lastRead) }
  }

  /// The next waiting item, now marked as delivered; nil if there is none or no room.
  mutating func goOn() -> Item? {
    guard canGoOn, let item = waiting.popFirst() else { return nil }
    window.deliver(item.number)
    if !isWaiting {
      waiting = Queue()
      window.leaveOut(upTo: lastRead)
    }
    return item
  }

  mutating func acknowledge(_ number: UInt64) { _ = window.acknowledge(number) }

  mutating func retire() {
    isRetiring = true
    waiting = Queue()
  }

  /// The checkpoint to save; nil if it is saved already.
  mutating func takeUnsaved() -> UInt64? {
    guard isUnsaved else { return nil }
    saved = window.lowWaterMark
    return saved
  }

  var isUnsaved: Bool { window.lowWaterMark > saved }

  private var isWaiting: Bool { !waiting.isEmpty }
}
