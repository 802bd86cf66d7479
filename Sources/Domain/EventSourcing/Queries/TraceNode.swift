import EventModel
import Names

/// A commit in a tree of causes.
public struct TraceNode: Equatable, Sendable {
  /// The number of the node in its tree, from 1.
  public var number: Int
  /// The number of the node that caused it; nil for the root.
  public var parent: Int?
  public var events: EventRange
  /// The types that the payloads name; for long commits only the first ones.
  public var eventTypes: [String]
  @Bytewise public var commandID: String
  @Bytewise public var correlation: String
  public var position: Position
  public var recordedAt: Timestamp
  /// The event in the parent that caused it.
  public var causeSequence: SequenceNumber?
  /// Whether the trace started here.
  public var isStart: Bool
  /// Whether the limit leaves out effects of it, or may have.
  public var isTruncated: Bool

  public init(
    number: Int, parent: Int?, events: EventRange, eventTypes: [String], commandID: String,
    correlation: String, position: Position, recordedAt: Timestamp,
    causeSequence: SequenceNumber? = nil, isStart: Bool = false, isTruncated: Bool = false
  ) {
    self.number = number
    self.parent = parent
    self.events = events
    self.eventTypes = eventTypes
    self.commandID = commandID
    self.correlation = correlation
    self.position = position
    self.recordedAt = recordedAt
    self.causeSequence = causeSequence
    self.isStart = isStart
    self.isTruncated = isTruncated
  }
}

extension TraceNode {
  private static let eventTypesMax = 256

  /// Bytes in memory, including texts.
  var byteCount: Int {
    eventTypes.reduce(MemoryLayout<Self>.stride + commandID.utf8.count + correlation.utf8.count) {
      $0 + MemoryLayout<String>.stride + $1.utf8.count
    }
  }

  /// A node without payloads.
  init(_ recorded: RecordedCommit, number: Int, parent: Int?) {
    let book = EventBook(recorded)
    self.init(
      number: number, parent: parent, events: EventRange(recorded.commit),
      eventTypes: Array(book.pages.eventTypes.prefix(Self.eventTypesMax)),
      commandID: book.commandID ?? "", correlation: book.origin.correlation,
      position: recorded.position, recordedAt: recorded.commit.createdAt,
      causeSequence: parent == nil ? nil : recorded.commit.origin.causingEvent?.sequence)
  }
}
