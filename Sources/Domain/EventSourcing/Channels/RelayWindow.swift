/// A relay's progress: how much it may publish now, and when its checkpoint is due.
///
/// Commits published beyond the checkpoint are published again after a crash. The window counts
/// from the checkpoint, so it bounds those repeats. A state machine: no waiting, no clock.
struct RelayWindow: Equatable {
  struct Entry: Equatable {
    let number: UInt64
    let bytes: Int
  }

  /// Commits published beyond the saved checkpoint.
  private(set) var outstanding: [Entry] = []
  private(set) var confirmed: UInt64
  private(set) var saved: UInt64
  /// One until the first confirmation, so that a broker that cannot route the next commit shows
  /// it before others follow.
  private var size = 1
  private let sizeMax: Int
  private let bytesMax: Int
  /// Bytes of all outstanding commits.
  private var bytes = 0

  init(checkpoint: UInt64, sizeMax: Int, bytesMax: Int = .max) {
    confirmed = checkpoint
    saved = checkpoint
    self.sizeMax = max(sizeMax, 1)
    self.bytesMax = bytesMax
  }

  /// The number of further commits that may be published.
  var room: Int { bytes < bytesMax ? max(size - outstanding.count, 0) : 0 }

  /// Whether the checkpoint must be saved now, because it blocks publishing.
  var isPressing: Bool {
    confirmed > saved && (outstanding.count * 2 >= size || bytes >= bytesMax / 2)
  }

  /// Restarts publishing after the last confirmed commit.
  mutating func restart() {
    outstanding.removeAll { $0.number > confirmed }
    bytes = outstanding.reduce(0) { $0 + $1.bytes }
    size = 1
  }

  mutating func published(_ number: UInt64, bytes: Int) {
    outstanding.append(Entry(number: number, bytes: bytes))
    self.bytes += bytes
  }

  mutating func confirm(upTo number: UInt64) {
    confirmed = max(confirmed, number)
    size = sizeMax
  }

  mutating func save(upTo number: UInt64) {
    saved = max(saved, number)
    let done = outstanding.prefix { $0.number <= number }
    bytes -= done.reduce(0) { $0 + $1.bytes }
    outstanding.removeFirst(done.count)
  }
}
