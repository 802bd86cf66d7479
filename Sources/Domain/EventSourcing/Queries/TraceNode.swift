import EventModel

/// A commit in a tree of causes.
public struct TraceNode: Equatable, Sendable {
  /// Counts the nodes of a tree from 1.
  public var number: Int
  /// The number of the node that led to it; nil for the root.
  public var parent: Int?
  public var events: EventRange
  /// As the payloads name them; of the first events only, where there are very many.
  public var eventTypes: [String]
  public var commandID: String
  public var correlation: String
  public var position: Position
  public var recordedAt: Timestamp
  /// The event in the parent that led to it.
  public var causeSequence: SequenceNumber?
  /// Whether it was asked for.
  public var isStart: Bool
  /// Whether it led to something that the limit leaves out, or may have.
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

  /// In memory, texts among it.
  var byteCount: Int {
    eventTypes.reduce(MemoryLayout<Self>.stride + commandID.utf8.count + correlation.utf8.count) {
      $0 + MemoryLayout<String>.stride + $1.utf8.count
    }
  }

  /// What a commit tells: not its payloads.
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
