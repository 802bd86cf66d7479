import CWire
import EventModel

extension SagaReaction {
  /// Decodes the answer of a saga's logic.
  ///
  /// - Parameter now: the start of the timers' delays.
  public init(wireBytes: Bytes, now: Timestamp) throws(WireError) {
    self = try walk(Outrider__V1__SagaReaction.self, wireBytes) { view throws(WireError) in
      var reaction = SagaReaction()
      var reader = FieldReader(view)
      while let field = try reader.next() {
        let content = view.part(field.content)
        switch field.number {
        case 1:
          reaction.commands.append(
            try at("commands[\(reaction.commands.count)]") { () throws(WireError) in
              try SagaCommand(answered: content)
            })
        case 2: reaction.state = Bytes(content)
        case 3:
          reaction.timers.append(
            try at("timers[\(reaction.timers.count)]") { () throws(WireError) in
              try timer(content, now: now)
            })
        case 4: reaction.cancelledTimers.append(Name(String(decoding: content, as: UTF8.self)))
        case 5: reaction.isFinished = field.value != 0
        default: break
        }
      }
      return reaction
    }
  }
}

extension SagaCommand {
  /// A command in the logic's answer. Drops id and cause, which the logic must not set.
  ///
  /// - Parameter view: a checked command book.
  fileprivate init(answered view: View) throws(WireError) {
    let command = try Command(view, encoded: [])
    var writer = FieldWriter(reserving: view.count)
    var reader = FieldReader(view)
    while let field = try reader.next() {
      if field.number != 16, field.number != 18 { writer.fields(Bytes(view.part(field.whole))) }
    }
    self.init(cover: command.cover, encoded: writer.bytes)
  }

  /// The command book to send.
  ///
  /// - Parameters:
  ///   - cause: the cause of the command.
  ///   - correlation: used unless the saga set one.
  public func complete(
    id: String, because cause: Evented.Cause, correlation: String
  ) -> Bytes {
    var writer = FieldWriter(reserving: encoded.count + 128)
    // The last value of a field counts: a correlation set by the saga follows this one.
    writer.text(17, correlation)
    writer.fields(encoded)
    writer.text(16, id)
    writer.fields(Evented.Annotations(cause: cause).wireFields)
    return writer.bytes
  }
}

/// - Parameter view: an `outrider.v1.SagaTimer` that was checked.
private func timer(
  _ view: View, now: Timestamp
) throws(WireError) -> (name: Name, due: Timestamp) {
  try unpackChecked(Outrider__V1__SagaTimer.self, view) { message throws(WireError) in
    let timer = message.pointee
    let name = try name("name", timer.name)
    try checkLength("name", name.text, FieldLimits.timerNameByteCount)
    switch timer.when_case {
    case OUTRIDER__V1__SAGA_TIMER__WHEN_DUE:
      return (name, try Timestamp(required: "due", timer.due))
    case OUTRIDER__V1__SAGA_TIMER__WHEN_AFTER:
      return (name, try at("after") { () throws(WireError) in try due(timer.after, from: now) })
    default: throw .missing("after")
    }
  }
}

/// The time after a `google.protobuf.Duration`; a negative one means now.
private func due(
  _ duration: UnsafeMutablePointer<Google__Protobuf__Duration>?, from now: Timestamp
) throws(WireError) -> Timestamp {
  guard let duration = duration?.pointee else { throw .missing("") }
  // The range that the well-known type documents: 10,000 years.
  guard (-315_576_000_000...315_576_000_000).contains(duration.seconds) else {
    throw .invalid("seconds", "must be at most 315576000000, got \(duration.seconds)")
  }
  let wait = Duration.seconds(duration.seconds) + .nanoseconds(Int64(duration.nanos))
  return try Timestamp(now.advanced(by: max(wait, .zero)))
}

extension Timestamp {
  /// The same time, if it is in the range of the well-known type.
  fileprivate init(_ time: Timestamp) throws(WireError) {
    try self.init(checking: time.seconds, time.nanoseconds)
  }
}
