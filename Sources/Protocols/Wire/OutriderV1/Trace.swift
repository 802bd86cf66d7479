import CWire
import EventModel
import Names

// Requests and responses of service `Trace`.

extension OutriderV1 {
  /// Requests the tree of causes that contains a commit.
  public struct TraceRequest: WireDecodable, WireEncodable, Equatable {
    public enum Start: Sendable, Equatable {
      case event(EventReference)
      case commandID(Name)
      case correlation(Name)
    }

    public var start: Start
    /// True: only causes, no effects.
    public var isBackwardOnly: Bool
    /// The most commits; nil: the server's default.
    public var limit: Int?

    public init(start: Start, isBackwardOnly: Bool = false, limit: Int? = nil) {
      self.start = start
      self.isBackwardOnly = isBackwardOnly
      self.limit = limit
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__TraceRequest.self, wireBytes) { message throws(WireError) in
        let request = message.pointee
        return Self(
          start: try Start(request), isBackwardOnly: request.backward_only != 0,
          limit: request.limit == 0 ? nil : Int(request.limit))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__TraceRequest.self) { builder, request in
        switch start {
        case .event(let event):
          let reference = builder.make(Outrider__V1__EventReference.self)
          reference.pointee.cover = builder.cover(event.cover)
          reference.pointee.sequence = event.sequence.rawValue
          request.start_case = OUTRIDER__V1__TRACE_REQUEST__START_EVENT
          request.event = reference
        case .commandID(let id):
          request.start_case = OUTRIDER__V1__TRACE_REQUEST__START_COMMAND_ID
          request.command_id = builder.string(id.text)
        case .correlation(let correlation):
          request.start_case = OUTRIDER__V1__TRACE_REQUEST__START_CORRELATION
          request.correlation = builder.string(correlation.text)
        }
        request.backward_only = isBackwardOnly ? 1 : 0
        request.limit = UInt32(clamping: limit ?? 0)
      }
    }
  }

  /// A commit in the tree.
  public struct TraceNode: WireDecodable, WireEncodable, Equatable {
    /// The node's number, from 1.
    public var number: Int
    /// The causing node; nil for the root.
    public var parent: Int?
    public var cover: Cover
    public var first: SequenceNumber
    public var count: Int
    public var eventTypes: [String]
    @Bytewise public var commandID: String
    @Bytewise public var correlation: String
    public var position: Position
    public var recordedAt: Timestamp
    /// The causing event in the parent.
    public var causeSequence: SequenceNumber
    /// True if the request named it.
    public var isStart: Bool
    /// True if some of its effects are beyond the limit.
    public var isTruncated: Bool

    public init(
      number: Int, parent: Int? = nil, cover: Cover, first: SequenceNumber, count: Int,
      eventTypes: [String], commandID: String, correlation: String, position: Position,
      recordedAt: Timestamp, causeSequence: SequenceNumber = .first, isStart: Bool = false,
      isTruncated: Bool = false
    ) {
      self.number = number
      self.parent = parent
      self.cover = cover
      self.first = first
      self.count = count
      self.eventTypes = eventTypes
      self.commandID = commandID
      self.correlation = correlation
      self.position = position
      self.recordedAt = recordedAt
      self.causeSequence = causeSequence
      self.isStart = isStart
      self.isTruncated = isTruncated
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__TraceNode.self, wireBytes) { message throws(WireError) in
        try Self(message.pointee)
      }
    }

    private init(_ node: Outrider__V1__TraceNode) throws(WireError) {
      guard let cover = try Cover(ifGiven: node.cover) else { throw .missing("cover") }
      guard let position = Position(ifGiven: node.position) else { throw .missing("position") }
      let recordedAt = try Timestamp(required: "recorded_at", node.recorded_at)
      self.init(
        number: Int(node.number), parent: node.parent == 0 ? nil : Int(node.parent), cover: cover,
        first: SequenceNumber(node.first), count: Int(node.count),
        eventTypes: (0..<node.n_event_types).map { text(node.event_types?[$0]) },
        commandID: text(node.command_id), correlation: text(node.correlation), position: position,
        recordedAt: recordedAt,
        causeSequence: SequenceNumber(node.cause_sequence), isStart: node.is_start != 0,
        isTruncated: node.truncated != 0)
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__TraceNode.self) { builder, node in
        node.number = UInt32(clamping: number)
        node.parent = UInt32(clamping: parent ?? 0)
        node.cover = builder.cover(cover)
        node.first = first.rawValue
        node.count = UInt32(clamping: count)
        node.n_event_types = eventTypes.count
        node.event_types = builder.strings(eventTypes)
        node.command_id = builder.string(commandID)
        node.correlation = builder.string(correlation)
        node.position = builder.position(position)
        node.recorded_at = builder.time(recordedAt)
        node.cause_sequence = causeSequence.rawValue
        node.is_start = isStart ? 1 : 0
        node.truncated = isTruncated ? 1 : 0
      }
    }
  }
}

extension OutriderV1.TraceRequest.Start {
  fileprivate init(_ request: Outrider__V1__TraceRequest) throws(WireError) {
    switch request.start_case {
    case OUTRIDER__V1__TRACE_REQUEST__START_EVENT:
      self = .event(
        try at("event") { () throws(WireError) in
          guard let event = request.event, let cover = try Cover(ifGiven: event.pointee.cover)
          else { throw .missing("cover") }
          return EventReference(
            cover: cover, sequence: try .ofEvent("sequence", event.pointee.sequence))
        })
    case OUTRIDER__V1__TRACE_REQUEST__START_COMMAND_ID:
      self = .commandID(
        Name(try given("command_id", request.command_id, FieldLimits.commandIDByteCount)))
    case OUTRIDER__V1__TRACE_REQUEST__START_CORRELATION:
      self = .correlation(
        Name(try given("correlation", request.correlation, FieldLimits.correlationByteCount)))
    default: throw .missing("event, command_id or correlation")
    }
  }
}

/// A required text.
private func given(
  _ field: String, _ value: UnsafeMutablePointer<CChar>?, _ byteCountMax: Int
) throws(WireError) -> String {
  let value = text(value)
  if value.isEmpty { throw .missing(field) }
  try checkLength(field, value, byteCountMax)
  return value
}
