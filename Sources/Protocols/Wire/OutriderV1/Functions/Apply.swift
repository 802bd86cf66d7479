import CWire
import EventModel

extension OutriderV1 {
  /// Events to apply to a state.
  public struct ApplyRequest: WireDecodable, WireEncodable, Equatable {
    public var events: EventBook
    /// The `AggregateState` before the events, in wire form; nil: they are the first.
    public var state: Bytes?

    public init(_ events: EventBook, state: Bytes?) {
      self.events = events
      self.state = state
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__ApplyRequest.self, wireBytes) { view throws(WireError) in
        var (events, state) = (EventBook?.none, Bytes?.none)
        var reader = FieldReader(view)
        while let field = try reader.next() {
          let content = view.part(field.content)
          switch field.number {
          case 1:
            events = try at("events") { () throws(WireError) in
              try EventBook(withPages: try BookFields(content))
            }
          case 2: state = Bytes(content)
          default: break
          }
        }
        guard let events else { throw .missing("events") }
        return Self(events, state: state)
      }
    }

    /// Copies the pages as stored.
    public var wireBytes: Bytes {
      var writer = FieldWriter(reserving: events.byteCountGuess + (state?.count ?? 0) + 32)
      writer.message(1, events)
      if let state { writer.field(2, state) }
      return writer.bytes
    }
  }

  /// The state after the events.
  public struct ApplyResponse: WireDecodable, WireEncodable, Equatable {
    public var state: AggregateState

    public init(state: AggregateState) { self.state = state }

    public init(wireBytes: Bytes) throws(WireError) {
      state = try walk(Outrider__V1__ApplyResponse.self, wireBytes) { view throws(WireError) in
        var reader = FieldReader(view)
        while let field = try reader.next() {
          guard field.number == 1 else { continue }
          return try at("state") { () throws(WireError) in
            try AggregateState(view.part(field.content))
          }
        }
        throw .missing("state")
      }
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      writer.field(1, state.wireBytes)
      return writer.bytes
    }
  }
}
