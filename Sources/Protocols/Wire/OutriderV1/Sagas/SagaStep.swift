import CWire
import EventModel

// Stored forms of the steps of a saga's instance.

extension SagaStep: WireDecodable, WireEncodable {
  public init(wireBytes: Bytes) throws(WireError) {
    self = try walk(Outrider__V1__SagaStep.self, wireBytes) { view throws(WireError) in
      try SagaStep(view)
    }
  }

  /// - Parameter view: a step that was checked.
  init(_ view: View) throws(WireError) {
    var trigger: Trigger?
    var waiting: SagaInput?
    var step = SagaStep(trigger: .timer(.none))
    var reader = FieldReader(view)
    while let field = try reader.next() {
      let content = view.part(field.content)
      switch field.number {
      case 1: trigger = try at("events") { () throws(WireError) in try .events(content) }
      case 2: trigger = try at("outcome") { () throws(WireError) in try .outcome(content) }
      case 3:
        trigger = try at("timer") { () throws(WireError) in .timer(try SagaTimer(due: content)) }
      case 4:
        let cover = try at("commands[\(step.commands.count)]") { () throws(WireError) in
          try Command(content, encoded: []).cover
        }
        step.commands.append(SagaCommand(cover: cover, encoded: Bytes(content)))
      case 5:
        step.timers.append(
          try at("timers[\(step.timers.count)]") { () throws(WireError) in
            try SagaTimer(due: content)
          })
      case 6:
        step.cancelledTimers.append(
          try at("cancelled_timers[\(step.cancelledTimers.count)]") { () throws(WireError) in
            try SagaTimer(due: content)
          })
      case 7: step.isFinished = field.value != 0
      case 8: step.depth = UInt32(truncatingIfNeeded: field.value)
      case 9:
        waiting = try at("waiting") { () throws(WireError) in
          try OutriderV1.SagaInput(content).input
        }
      case 10: step.queued += try numbers(field, content)
      default: break
      }
    }
    guard let trigger else { throw .missing("trigger") }
    step.trigger = trigger
    step.waiting = waiting.map { $0.placed(as: trigger) }
    self = step
  }

  public var wireBytes: Bytes {
    var writer = FieldWriter(reserving: 128 + commands.reduce(0) { $0 + $1.encoded.count + 8 })
    trigger.write(to: &writer)
    for command in commands { writer.field(4, command.encoded) }
    for timer in timers { writer.field(5, timer.wireContent) }
    for timer in cancelledTimers { writer.field(6, timer.wireContent) }
    writer.number(7, isFinished ? 1 : 0)
    writer.number(8, UInt64(depth))
    if let waiting {
      writer.field(9, OutriderV1.SagaInput(saga: "", key: "", input: waiting).wireBytes)
    }
    if !queued.isEmpty {
      var numbers = FieldWriter()
      for index in queued { numbers.packed(UInt64(index)) }
      writer.field(10, numbers.bytes)
    }
    return writer.bytes
  }
}

/// A repeated number, packed or not.
private func numbers(_ field: FieldReader.Field, _ content: View) throws(WireError) -> [UInt32] {
  guard field.type == .lengthDelimited else { return [UInt32(truncatingIfNeeded: field.value)] }
  var numbers: [UInt32] = []
  var reader = FieldReader(content)
  while let number = try reader.packedNumber() {
    numbers.append(UInt32(truncatingIfNeeded: number))
  }
  return numbers
}

extension SagaInput {
  /// A queued input, with the facts that only its trigger has.
  fileprivate func placed(as trigger: SagaStep.Trigger) -> SagaInput {
    switch (self, trigger) {
    case (.outcome(var outcome), .outcome(let command, _, _)):
      outcome.command = command
      return .outcome(outcome)
    case (.timer, .timer(let timer)): return .timer(timer)
    default: return self
    }
  }
}

extension SagaStep.Trigger {
  fileprivate static func events(_ view: View) throws(WireError) -> Self {
    try unpackChecked(Outrider__V1__EventSpan.self, view) { message throws(WireError) in
      guard let cover = try Cover(ifGiven: message.pointee.cover) else { throw .missing("cover") }
      return .events(
        cover,
        EventSpan(first: SequenceNumber(message.pointee.first), count: message.pointee.count))
    }
  }

  fileprivate static func outcome(_ view: View) throws(WireError) -> Self {
    try unpackChecked(Outrider__V1__SagaCommandEnd.self, view) { message throws(WireError) in
      let ended = message.pointee
      guard let command = ended.command?.pointee else { throw .missing("command") }
      var fields = EndFields()
      fields.end = Int32(bitPattern: ended.end.rawValue)
      fields.code = ended.code
      fields.message = text(ended.message)
      let end = try fields.value { () throws(WireError) in
        guard let position = Position(ifGiven: ended.position) else { throw .missing("position") }
        return (EventSpan(first: SequenceNumber(ended.first), count: ended.count), position)
      }
      guard let end else { throw .missing("end") }
      return .outcome(
        try at("command") { () throws(WireError) in try PendingCommand(command) }, end,
        endedAt: try Timestamp(required: "ended_at", ended.ended_at))
    }
  }

  fileprivate func write(to writer: inout FieldWriter) {
    switch self {
    case .events(let cover, let span):
      writer.field(
        1,
        pack(Outrider__V1__EventSpan.self) { builder, message in
          message.cover = builder.cover(cover)
          message.first = span.first.rawValue
          message.count = span.count
        })
    case .outcome(let command, let end, let endedAt):
      writer.field(2, Self.bytes(of: command, end, endedAt))
    case .timer(let timer): writer.field(3, timer.wireContent)
    }
  }

  private static func bytes(
    of command: PendingCommand, _ end: CommandEnd, _ endedAt: Timestamp
  ) -> Bytes {
    pack(Outrider__V1__SagaCommandEnd.self) { builder, message in
      let fields = EndFields(end)
      message.command = command.made(by: builder)
      message.end = .init(rawValue: UInt32(bitPattern: fields.end))
      message.code = fields.code
      message.message = builder.string(fields.message)
      if case .appended(let span, let position) = end {
        message.first = span.first.rawValue
        message.count = span.count
        message.position = builder.position(position)
      }
      message.ended_at = builder.time(endedAt)
    }
  }
}

extension PendingCommand {
  init(_ command: Outrider__V1__PendingCommand) throws(WireError) {
    guard let cover = try Cover(ifGiven: command.cover) else { throw .missing("cover") }
    self.init(
      sequence: SequenceNumber(command.sequence), index: command.index, cover: cover,
      id: text(command.command_id))
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__PendingCommand> {
    let command = builder.make(Outrider__V1__PendingCommand.self)
    command.pointee.sequence = sequence.rawValue
    command.pointee.index = index
    command.pointee.cover = builder.cover(cover)
    command.pointee.command_id = builder.string(id)
    return command
  }
}

extension SagaTimer {
  /// A placeholder until one is decoded.
  fileprivate static let none = SagaTimer(
    name: "", due: Timestamp(seconds: 0), setBy: .first, index: 0)

  /// - Parameter view: an `outrider.v1.DueTimer` that was checked.
  fileprivate init(due view: View) throws(WireError) {
    self = try unpackChecked(Outrider__V1__DueTimer.self, view) { message throws(WireError) in
      try SagaTimer(message.pointee)
    }
  }

  init(_ timer: Outrider__V1__DueTimer) throws(WireError) {
    self.init(
      name: Name(text(timer.name)), due: try Timestamp(required: "due", timer.due),
      setBy: SequenceNumber(timer.set_by), index: timer.index)
  }

  func made(by builder: borrowing MessageBuilder) -> UnsafeMutablePointer<Outrider__V1__DueTimer> {
    let timer = builder.make(Outrider__V1__DueTimer.self)
    timer.pointee.name = builder.string(name)
    timer.pointee.due = builder.time(due)
    timer.pointee.set_by = setBy.rawValue
    timer.pointee.index = index
    return timer
  }

  fileprivate var wireContent: Bytes {
    pack(Outrider__V1__DueTimer.self) { builder, timer in timer = made(by: builder).pointee }
  }
}
