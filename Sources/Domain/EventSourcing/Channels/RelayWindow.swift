/// How far a relay is: what it may publish now, and when its checkpoint is due.
///
/// What is published and not behind the checkpoint comes again after a crash. So the window counts
/// from the checkpoint: no crash repeats more than that. A state machine: no waiting, no clock.
struct RelayWindow: Equatable {
  struct Entry: Equatable {
    let number: UInt64
    let bytes: Int
  }

  /// Commits that are published and not behind the saved checkpoint.
  private(set) var outstanding: [Entry] = []
  private(set) var confirmed: UInt64
  private(set) var saved: UInt64
  /// One until the first confirmation: whether the broker routes the log's next commit at all is
  /// seen before others follow it.
  private var size = 1
  private let sizeMax: Int
  private let bytesMax: Int
  /// Of all that is outstanding.
  private var bytes = 0

  init(checkpoint: UInt64, sizeMax: Int, bytesMax: Int = .max) {
    confirmed = checkpoint
    saved = checkpoint
    self.sizeMax = max(sizeMax, 1)
    self.bytesMax = bytesMax
  }

  /// How many more commits may be published.
  var room: Int { bytes < bytesMax ? max(size - outstanding.count, 0) : 0 }

  /// Whether the checkpoint is to be saved without delay: it keeps others from being published.
  var isPressing: Bool {
    confirmed > saved && (outstanding.count * 2 >= size || bytes >= bytesMax / 2)
  }

  /// Publishing begins anew behind what is confirmed.
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
