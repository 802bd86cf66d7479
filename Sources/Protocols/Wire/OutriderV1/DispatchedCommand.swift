import CWire
import EventModel

// Stored forms of dispatched commands, as events of an internal domain.

extension DispatchedCommand: WireDecodable, WireEncodable {
  public init(wireBytes: Bytes) throws(WireError) {
    self = try walk(Outrider__V1__DispatchedCommand.self, wireBytes) { view throws(WireError) in
      let dispatched = try Self(view)
      guard dispatched.command.id != nil else { throw .missing("command.command_id") }
      return dispatched
    }
  }

  /// - Parameter view: a checked message of this shape. Its command may lack an id.
  init(_ view: View) throws(WireError) {
    var command: Command?
    var notBefore: Timestamp?
    var expiresAt: Timestamp?
    var reader = FieldReader(view)
    while let field = try reader.next() {
      let content = view.part(field.content)
      switch field.number {
      case 1:
        command = try at("command") { () throws(WireError) in
          try Command(content, encoded: Bytes(content))
        }
      case 2: notBefore = try at("not_before") { () throws(WireError) in try Timestamp(content) }
      case 3: expiresAt = try at("expires_at") { () throws(WireError) in try Timestamp(content) }
      default: break
      }
    }
    guard let command else { throw .missing("command") }
    self.init(command, notBefore: notBefore, expiresAt: expiresAt)
  }

  /// Copies the command as received.
  public var wireBytes: Bytes {
    var writer = FieldWriter(reserving: command.encoded.count + 48)
    writer.field(1, command.encoded)
    if let notBefore { writer.message(2, notBefore) }
    if let expiresAt { writer.message(3, expiresAt) }
    return writer.bytes
  }
}

extension DueCommand: WireDecodable, WireEncodable {
  public init(wireBytes: Bytes) throws(WireError) {
    self = try walk(Outrider__V1__DueCommand.self, wireBytes) { view throws(WireError) in
      var due = Self(commandID: "", dispatched: .first)
      var reader = FieldReader(view)
      while let field = try reader.next() {
        switch field.number {
        case 1: due.commandID = try checkedCommandID(view.part(field.content))
        case 2: due.dispatched = SequenceNumber(UInt32(truncatingIfNeeded: field.value))
        default: break
        }
      }
      guard !due.commandID.isEmpty else { throw .missing("command_id") }
      return due
    }
  }

  public var wireBytes: Bytes {
    var writer = FieldWriter()
    writer.text(1, commandID)
    writer.number(2, UInt64(dispatched.rawValue))
    return writer.bytes
  }
}

extension EndedCommand: WireDecodable, WireEncodable {
  public init(wireBytes: Bytes) throws(WireError) {
    self = try walk(Outrider__V1__EndedCommand.self, wireBytes) { view throws(WireError) in
      try Self(view)
    }
  }

  private init(_ view: View) throws(WireError) {
    var id = ""
    var fields = EndFields()
    var (first, count, dispatched) = (UInt32(0), UInt32(0), UInt32(0))
    var position: Position?
    var reader = FieldReader(view)
    while let field = try reader.next() {
      let content = view.part(field.content)
      switch field.number {
      case 1: id = try checkedCommandID(content)
      case 2: fields.end = Int32(truncatingIfNeeded: field.value)
      case 3: fields.code = Int32(truncatingIfNeeded: field.value)
      case 4: fields.message = String(decoding: content, as: UTF8.self)
      case 5: first = UInt32(truncatingIfNeeded: field.value)
      case 6: count = UInt32(truncatingIfNeeded: field.value)
      case 7: position = try Position(content)
      case 8: dispatched = UInt32(truncatingIfNeeded: field.value)
      default: break
      }
    }
    guard !id.isEmpty else { throw .missing("command_id") }
    let end = try fields.value { () throws(WireError) in
      guard count > 0 else { throw .missing("event_count") }
      guard let position else { throw .missing("position") }
      return (EventSpan(first: SequenceNumber(first), count: count), position)
    }
    guard let end else { throw .missing("end") }
    self.init(commandID: id, end, dispatched: SequenceNumber(dispatched))
  }

  public var wireBytes: Bytes {
    let fields = EndFields(end)
    var writer = FieldWriter()
    writer.text(1, commandID)
    writer.number(2, UInt64(fields.end))
    writer.number(3, UInt64(fields.code))
    writer.text(4, fields.message)
    if case .appended(let span, let position) = end {
      writer.number(5, UInt64(span.first.rawValue))
      writer.number(6, UInt64(span.count))
      writer.message(7, position)
    }
    writer.number(8, UInt64(dispatched.rawValue))
    return writer.bytes
  }
}

/// - Parameter view: a text that was checked.
func checkedCommandID(_ view: View) throws(WireError) -> String {
  let id = String(decoding: view, as: UTF8.self)
  try checkLength("command_id", id, FieldLimits.commandIDByteCount)
  return id
}

extension Command {
  /// The same command with this id; it must have none yet.
  public func identified(as id: String) -> Command {
    precondition(self.id == nil, "a command has one id")
    var field = FieldWriter()
    field.text(16, id)
    var command = self
    command.id = id
    command.encoded += field.bytes
    return command
  }
}
