/// How far a relay is: what it may publish now, and when its checkpoint is due.
///
/// What is published and not behind the checkpoint comes again after a crash. So the window counts
/// from the checkpoint: no crash repeats more than that. A state machine: no waiting, no clock.
struct RelayWindow: Equatable {
  /// Commits that are published and not behind the saved checkpoint.
  private(set) var outstanding: [UInt64] = []
  private(set) var confirmed: UInt64
  private(set) var saved: UInt64
  /// One until the first confirmation: whether the broker routes the log's next commit at all is
  /// seen before others follow it.
  private var size = 1
  private let sizeMax: Int

  init(checkpoint: UInt64, sizeMax: Int) {
    confirmed = checkpoint
    saved = checkpoint
    self.sizeMax = max(sizeMax, 1)
  }

  /// How many more commits may be published.
  var room: Int { max(size - outstanding.count, 0) }

  /// Whether everything that was published is confirmed.
  var isIdle: Bool { outstanding.last.map { $0 <= confirmed } ?? true }

  /// Whether the checkpoint is to be saved without delay: it keeps others from being published.
  var isPressing: Bool {
    confirmed > saved && outstanding.count * 2 >= size
  }

  /// Publishing begins anew behind what is confirmed.
  mutating func restart() {
    outstanding.removeAll { $0 > confirmed }
    size = 1
  }

  mutating func published(_ numbers: some Sequence<UInt64>) { outstanding += numbers }

  mutating func confirm(upTo number: UInt64) {
    confirmed = max(confirmed, number)
    size = sizeMax
  }

  mutating func save(upTo number: UInt64) {
    saved = max(saved, number)
    outstanding.removeFirst(outstanding.prefix { $0 <= number }.count)
  }
}
