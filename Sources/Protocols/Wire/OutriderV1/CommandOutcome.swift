import CWire
import EventModel
import StatusCodes

extension OutriderV1 {
  /// The outcome of a dispatched command.
  public struct CommandOutcome: WireDecodable, WireEncodable, Equatable {
    /// The command with the id under which it was sent.
    public var command: Command
    /// Nil: not ended yet.
    public var end: CommandEnd?
    /// For `.appended`: the commit's events with their position, which locate `end`'s events.
    public var events: EventBook?
    public var endedAt: Timestamp?

    /// - Parameter events: required for `.appended`, with a position; else nil.
    public init(
      _ command: Command, end: CommandEnd? = nil, events: EventBook? = nil,
      endedAt: Timestamp? = nil
    ) {
      self.command = command
      self.end = end
      self.events = events
      self.endedAt = endedAt
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__CommandOutcome.self, wireBytes) { view throws(WireError) in
        try Self(view)
      }
    }

    /// - Parameter view: an outcome that was checked.
    init(_ view: View) throws(WireError) {
      var command: Command?
      var events: EventBook?
      var endedAt: Timestamp?
      var fields = EndFields()
      var reader = FieldReader(view)
      while let field = try reader.next() {
        let content = view.part(field.content)
        switch field.number {
        case 1:
          command = try at("command") { () throws(WireError) in
            try Command(content, encoded: Bytes(content))
          }
        case 2: fields.end = Int32(truncatingIfNeeded: field.value)
        case 3:
          events = try at("events") { () throws(WireError) in
            try EventBook(withPages: try BookFields(content))
          }
        case 4: fields.code = Int32(truncatingIfNeeded: field.value)
        case 5: fields.message = String(decoding: content, as: UTF8.self)
        case 6:
          endedAt = try at("ended_at") { () throws(WireError) in try Timestamp(content) }
        default: break
        }
      }
      guard let command else { throw .missing("command") }
      let end = try fields.value { () throws(WireError) in
        guard let events else { throw .missing("events") }
        guard let position = events.position else { throw .missing("events.position") }
        return (EventSpan(events.pages), position)
      }
      if case .appended? = end {} else { events = nil }
      self.init(command, end: end, events: events, endedAt: endedAt)
    }

    /// Copies the pages as stored.
    public var wireBytes: Bytes {
      let fields = EndFields(end)
      var writer = FieldWriter(reserving: command.encoded.count + 64)
      writer.field(1, command.encoded)
      writer.number(2, UInt64(fields.end))
      if let events { writer.message(3, events) }
      writer.number(4, UInt64(fields.code))
      writer.text(5, fields.message)
      if let endedAt { writer.message(6, endedAt) }
      return writer.bytes
    }
  }
}

/// The wire fields of a command's end.
struct EndFields {
  /// A value of the enumeration `CommandOutcome.End`.
  var end: Int32 = 0
  var code: Int32 = 0
  var message = ""

  init() {}

  init(_ end: CommandEnd?) {
    switch end {
    case nil: break
    case .appended: self.end = 1
    case .nothingToDo: self.end = 2
    case .refused(let code, let message):
      self.end = 3
      self.code = Int32(code.rawValue)
      self.message = message
    case .expired: self.end = 4
    case .cancelled: self.end = 5
    }
  }

  /// - Parameter appended: locates the events, if the command appended any.
  /// - Returns: nil if the command has not ended.
  func value(
    appended: () throws(WireError) -> (EventSpan, Position)
  ) throws(WireError) -> CommandEnd? {
    switch end {
    case 0: return nil
    case 1:
      let (span, position) = try appended()
      return .appended(span, position)
    case 2: return .nothingToDo
    case 3:
      guard let code = StatusCode(rawValue: Int(code)), code != .ok else {
        throw .invalid("code", "must be a gRPC status code from 1 to 16, got \(self.code)")
      }
      return .refused(code, message: message)
    case 4: return .expired
    case 5: return .cancelled
    default: throw .invalid("end", "must be a CommandOutcome.End, got \(end)")
    }
  }
}
