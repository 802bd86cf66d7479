import CWire
import EventModel

extension OutriderV1 {
  /// One input of one instance, for a saga's logic.
  public struct SagaInput: WireDecodable, WireEncodable, Equatable {
    public var saga: Name
    public var key: Name
    /// An `Any` in wire form; nil: the instance has no state.
    public var state: Bytes?
    public var input: EventModel.SagaInput

    public init(saga: Name, key: Name, state: Bytes? = nil, input: EventModel.SagaInput) {
      self.saga = saga
      self.key = key
      self.state = state
      self.input = input
    }

    /// Decodes it for the logic: a command has no position, a timer no setter.
    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__SagaInput.self, wireBytes) { view throws(WireError) in
        try Self(view)
      }
    }

    /// - Parameter view: an input that was checked.
    init(_ view: View) throws(WireError) {
      var (saga, key): (Name, Name) = ("", "")
      var state: Bytes?
      var input: EventModel.SagaInput?
      var reader = FieldReader(view)
      while let field = try reader.next() {
        let content = view.part(field.content)
        switch field.number {
        case 1: saga = Name(String(decoding: content, as: UTF8.self))
        case 2: key = Name(String(decoding: content, as: UTF8.self))
        case 3: state = Bytes(content)
        case 4:
          input = try at("events") { () throws(WireError) in
            .events(try EventBook(withPages: try BookFields(content)))
          }
        case 5:
          input = try at("outcome") { () throws(WireError) in .outcome(try SagaOutcome(content)) }
        case 6: input = try at("timer") { () throws(WireError) in .timer(try SagaTimer(content)) }
        default: break
        }
      }
      guard let input else { throw .missing("input") }
      self.init(saga: saga, key: key, state: state, input: input)
    }

    /// Copies the pages as stored.
    public var wireBytes: Bytes {
      var writer = FieldWriter()
      writer.text(1, saga)
      writer.text(2, key)
      if let state { writer.field(3, state) }
      switch input {
      case .events(let book): writer.message(4, book)
      case .outcome(let outcome): writer.field(5, outcome.wireContent)
      case .timer(let timer): writer.field(6, timer.wireContentAsFired)
      }
      return writer.bytes
    }
  }
}

extension SagaOutcome {
  /// - Parameter view: an `outrider.v1.CommandOutcome` that was checked.
  fileprivate init(_ view: View) throws(WireError) {
    let outcome = try OutriderV1.CommandOutcome(view)
    guard let end = outcome.end else { throw .missing("end") }
    self.init(
      of: PendingCommand(
        sequence: .first, index: 0, cover: outcome.command.cover, id: outcome.command.id ?? ""),
      encoded: outcome.command.encoded, end: end, events: outcome.events,
      endedAt: outcome.endedAt ?? Timestamp(seconds: 0))
  }

  fileprivate var wireContent: Bytes {
    OutriderV1.CommandOutcome(
      Command(cover: command.cover, encoded: encoded), end: end, events: events, endedAt: endedAt
    ).wireBytes
  }
}

extension SagaTimer {
  /// - Parameter view: an `outrider.v1.TimerFired` that was checked.
  fileprivate init(_ view: View) throws(WireError) {
    self = try unpackChecked(Outrider__V1__TimerFired.self, view) { message throws(WireError) in
      SagaTimer(
        name: try Wire.name("name", message.pointee.name),
        due: try Timestamp(required: "due", message.pointee.due), setBy: .first, index: 0)
    }
  }

  fileprivate var wireContentAsFired: Bytes {
    pack(Outrider__V1__TimerFired.self) { builder, fired in
      fired.name = builder.string(name)
      fired.due = builder.time(due)
    }
  }
}
