import EventSourcing

/// What a consumer holds: deliveries that nobody took, those that are not acknowledged, and the
/// offsets to commit. A state machine: no waiting, no clock, no I/O.
///
/// What does not fit into the window stays in librdkafka's queue, which is bounded, too.
struct Intake<Message: Sendable>: Sendable {
  private struct Held: Sendable {
    let partition: Int32
    let ticket: UInt64
    /// For the dead letters, where the content does not make the same message again.
    var copy: OutgoingMessage?
  }

  private let window: Int
  private var marks: [Int32: LowWater<Int64>] = [:]
  private var waiting: [ChannelDelivery<Message>] = []
  private var held: [UInt64: Held] = [:]
  private var lastTag: UInt64 = 0
  /// Next offsets that are not committed, by partition.
  private(set) var due: [Int32: Int64] = [:]
  /// Nothing comes any more. The first reason counts.
  private(set) var error: ChannelError?

  /// Nothing more is received until something is acknowledged.
  var isFull: Bool { held.count >= window }

  init(window: Int) { self.window = max(window, 1) }

  // MARK: What comes

  /// - Parameter copy: the message as it came, where `setAside` wants that.
  mutating func receive(
    _ content: ChannelDelivery<Message>.Content, partition: Int32, offset: Int64,
    copy: OutgoingMessage? = nil
  ) {
    let ticket = marks[partition, default: LowWater()].begin(offset)
    lastTag += 1
    held[lastTag] = Held(partition: partition, ticket: ticket, copy: copy)
    waiting.append(ChannelDelivery(tag: lastTag, content: content))
  }

  /// A message that is none of this consumer's.
  mutating func passOver(partition: Int32, offset: Int64) {
    let ticket = marks[partition, default: LowWater()].begin(offset)
    finish(ticket, of: partition)
  }

  /// The first reason counts. Deliveries from before can be acknowledged no more.
  mutating func fail(_ error: ChannelError) {
    waiting = []
    self.error = self.error ?? error
  }

  // MARK: What is done with it

  /// What came since the last call; nil for nothing.
  mutating func take() throws(ChannelError) -> [ChannelDelivery<Message>]? {
    if let error { throw error }
    if waiting.isEmpty { return nil }
    defer { waiting = [] }
    return waiting
  }

  /// Tags of partitions that were revoked mean nothing any more.
  mutating func acknowledge(_ tags: [UInt64]) {
    for tag in tags {
      guard let entry = held.removeValue(forKey: tag) else { continue }
      finish(entry.ticket, of: entry.partition)
    }
  }

  func copy(of tag: UInt64) -> OutgoingMessage? { held[tag]?.copy }

  private mutating func finish(_ ticket: UInt64, of partition: Int32) {
    if let offset = marks[partition]?.finish(ticket) { due[partition] = offset + 1 }
  }

  // MARK: Commits and assignment

  /// Offsets to commit now. They count as committed.
  mutating func takeDue() -> [Int32: Int64] {
    defer { due = [:] }
    return due
  }

  /// A commit failed: what is not overtaken is due again.
  mutating func restore(_ offsets: [Int32: Int64]) {
    for (partition, offset) in offsets where marks[partition] != nil {
      due[partition] = max(due[partition] ?? 0, offset)
    }
  }

  /// Reading begins at what was committed.
  mutating func assign(_ partitions: some Sequence<Int32>) {
    for partition in partitions { marks[partition] = LowWater() }
  }

  /// What was not acknowledged is delivered to the next owner of the partitions.
  mutating func revoke() {
    marks = [:]
    held = [:]
    waiting = []
    due = [:]
  }
}
