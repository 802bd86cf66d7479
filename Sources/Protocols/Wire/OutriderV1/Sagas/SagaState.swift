import CWire
import EventModel

// The state of a saga's instance: the snapshot of its stream.

extension SagaState: WireDecodable, WireEncodable {
  public init(wireBytes: Bytes) throws(WireError) {
    self = try walk(Outrider__V1__SagaState.self, wireBytes) { view throws(WireError) in
      try SagaState(view)
    }
  }

  /// - Parameter view: a state that was checked.
  init(_ view: View) throws(WireError) {
    var state: Bytes?
    var reader = FieldReader(view)
    while let field = try reader.next() {
      // Keeps an `Any` as bytes.
      if field.number == 2 { state = Bytes(view.part(field.content)) }
    }
    self = try unpackChecked(Outrider__V1__SagaState.self, view) { message throws(WireError) in
      var made = SagaState(
        key: Name(text(message.pointee.key)), state: state,
        isFinished: message.pointee.finished != 0,
        waitingUntil: SequenceNumber(message.pointee.waiting_until),
        startedAt: try Timestamp(required: "started_at", message.pointee.started_at))
      for command in elements(message.pointee.pending, message.pointee.n_pending) {
        made.pending.append(
          try at("pending[\(made.pending.count)]") { () throws(WireError) in
            try PendingCommand(command)
          })
      }
      for timer in elements(message.pointee.timers, message.pointee.n_timers) {
        made.timers.append(
          try at("timers[\(made.timers.count)]") { () throws(WireError) in try SagaTimer(timer) })
      }
      return made
    }
  }

  public var wireBytes: Bytes {
    var writer = FieldWriter()
    if let state { writer.field(2, state) }
    writer.fields(
      pack(Outrider__V1__SagaState.self) { builder, message in
        message.key = builder.string(key)
        var pending: [UnsafeMutablePointer<Outrider__V1__PendingCommand>] = []
        for command in self.pending { pending.append(command.made(by: builder)) }
        message.n_pending = pending.count
        message.pending = builder.array(pending)
        var timers: [UnsafeMutablePointer<Outrider__V1__DueTimer>] = []
        for timer in self.timers { timers.append(timer.made(by: builder)) }
        message.n_timers = timers.count
        message.timers = builder.array(timers)
        message.finished = isFinished ? 1 : 0
        message.waiting_until = waitingUntil.rawValue
        message.started_at = builder.time(startedAt)
      })
    return writer.bytes
  }
}
