import EventSourcing

/// A consumer's deliveries that are waiting or unacknowledged, and the offsets to commit. A state
/// machine: no waiting, no clock, no I/O.
///
/// Messages beyond the window stay in librdkafka's queue, which is also bounded.
struct Intake<Message: Sendable>: Sendable {
  private struct Held: Sendable {
    let partition: Int32
    let ticket: UInt64
    /// For the dead letters, if the content cannot restore the same message.
    var copy: OutgoingMessage?
  }

  private let window: Int
  private var marks: [Int32: LowWater<Int64>] = [:]
  private var waiting: [ChannelDelivery<Message>] = []
  private var held: [UInt64: Held] = [:]
  private var lastTag: UInt64 = 0
  /// Next offsets that are not yet committed, by partition.
  private(set) var due: [Int32: Int64] = [:]
  /// The first failure, which ends the intake.
  private(set) var error: ChannelError?

  /// Whether the window is full until an acknowledgement.
  var isFull: Bool { held.count >= window }

  init(window: Int) { self.window = max(window, 1) }

  // MARK: Receiving

  /// - Parameter copy: the original message, if `setAside` needs it.
  mutating func receive(
    _ content: ChannelDelivery<Message>.Content, partition: Int32, offset: Int64,
    copy: OutgoingMessage? = nil
  ) {
    let ticket = marks[partition, default: LowWater()].begin(offset)
    lastTag += 1
    held[lastTag] = Held(partition: partition, ticket: ticket, copy: copy)
    waiting.append(ChannelDelivery(tag: lastTag, content: content))
  }

  /// Skips a message that is not for this consumer.
  mutating func passOver(partition: Int32, offset: Int64) {
    let ticket = marks[partition, default: LowWater()].begin(offset)
    finish(ticket, of: partition)
  }

  /// Ends the intake; the first error stays. Earlier deliveries can no longer be acknowledged.
  mutating func fail(_ error: ChannelError) {
    waiting = []
    self.error = self.error ?? error
  }

  // MARK: Handling

  /// Takes the deliveries since the last call; nil if there are none.
  mutating func take() throws(ChannelError) -> [ChannelDelivery<Message>]? {
    if let error { throw error }
    if waiting.isEmpty { return nil }
    defer { waiting = [] }
    return waiting
  }

  /// Ignores tags of revoked partitions.
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

  /// Takes the offsets to commit, and counts them as committed.
  mutating func takeDue() -> [Int32: Int64] {
    defer { due = [:] }
    return due
  }

  /// Adds the offsets of a failed commit again, unless later ones are due.
  mutating func restore(_ offsets: [Int32: Int64]) {
    for (partition, offset) in offsets where marks[partition] != nil {
      due[partition] = max(due[partition] ?? 0, offset)
    }
  }

  /// Starts to track partitions, which are read from their committed offsets.
  mutating func assign(_ partitions: some Sequence<Int32>) {
    for partition in partitions { marks[partition] = LowWater() }
  }

  /// Drops all state. The partitions' next owner gets unacknowledged messages.
  mutating func revoke() {
    marks = [:]
    held = [:]
    waiting = []
    due = [:]
  }
}
