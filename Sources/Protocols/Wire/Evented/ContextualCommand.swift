import CWire
import EventModel

extension Evented {
  /// A command with everything needed to decide it.
  public struct ContextualCommand: WireDecodable, WireEncodable {
    public var aggregate: Aggregate
    public var command: Command

    public init(_ command: Command, on aggregate: Aggregate) {
      self.command = command
      self.aggregate = aggregate
    }

    /// Decodes it as business logic does. An aggregate without events does not exist yet.
    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Evented__ContextualCommand.self, wireBytes) { view throws(WireError) in
        try Self(view)
      }
    }

    private init(_ view: View) throws(WireError) {
      var events: EventBook?
      var command: Command?
      var reader = FieldReader(view)
      while let field = try reader.next() {
        let content = view.part(field.content)
        switch field.number {
        case 1:
          events = try at("events") { () throws(WireError) in
            try EventBook(try BookFields(content))
          }
        case 2:
          command = try at("command") { () throws(WireError) in
            try Command(content, encoded: Bytes(content))
          }
        default: break
        }
      }
      guard let events else { throw .missing("events") }
      guard let command else { throw .missing("command") }
      let start = events.snapshot?.next ?? .first
      guard events.pages.first <= start, start <= events.pages.next else {
        throw .invalid("events.pages[0].num", "must be \(start), got \(events.pages.first)")
      }
      self.init(
        command,
        on: Aggregate(cover: events.cover, snapshot: events.snapshot, pages: events.pages))
    }

    /// Nothing is re-encoded: pages as stored, the command as received.
    public var wireBytes: Bytes {
      let events = BookParts(
        cover: aggregate.cover, snapshot: aggregate.snapshot, pages: aggregate.pages.bytes)
      var writer = FieldWriter(reserving: events.byteCountGuess + command.encoded.count + 16)
      writer.message(1, events)
      writer.field(2, command.encoded)
      return writer.bytes
    }
  }
}
