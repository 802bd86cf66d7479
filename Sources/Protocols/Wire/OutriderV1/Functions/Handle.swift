import CWire
import EventModel

extension OutriderV1 {
  /// A command with everything that a function needs to decide it.
  public struct HandleRequest: WireDecodable, WireEncodable, Equatable {
    public var command: Command
    /// An `AggregateState` in wire form; nil: the aggregate has no events.
    public var state: Bytes?
    /// The sequence of the first new event.
    public var next: SequenceNumber

    public init(_ command: Command, state: Bytes?, next: SequenceNumber) {
      self.command = command
      self.state = state
      self.next = next
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__HandleRequest.self, wireBytes) { view throws(WireError) in
        var (command, state, next) = (Command?.none, Bytes?.none, UInt32(0))
        var reader = FieldReader(view)
        while let field = try reader.next() {
          let content = view.part(field.content)
          switch field.number {
          case 1:
            command = try at("command") { () throws(WireError) in
              try Command(content, encoded: Bytes(content))
            }
          case 2: state = Bytes(content)
          case 3: next = UInt32(truncatingIfNeeded: field.value)
          default: break
          }
        }
        guard let command else { throw .missing("command") }
        return Self(command, state: state, next: SequenceNumber(next))
      }
    }

    /// Copies the command as received.
    public var wireBytes: Bytes {
      var writer = FieldWriter(reserving: command.encoded.count + (state?.count ?? 0) + 32)
      writer.field(1, command.encoded)
      if let state { writer.field(2, state) }
      writer.number(3, UInt64(next.rawValue))
      return writer.bytes
    }
  }

  /// The new events of a command.
  public struct HandleResponse: WireDecodable, WireEncodable, Equatable {
    public var pages: [ProposedPage]

    public init(pages: [ProposedPage]) { self.pages = pages }

    public init(wireBytes: Bytes) throws(WireError) {
      pages = try walk(Outrider__V1__HandleResponse.self, wireBytes) { view throws(WireError) in
        var pages: [ProposedPage] = []
        var reader = FieldReader(view)
        while let field = try reader.next() {
          guard field.number == 1 else { continue }
          pages.append(
            try at("pages[\(pages.count)]") { () throws(WireError) in
              try ProposedPage(view.part(field.content))
            })
        }
        return pages
      }
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      for page in pages { writer.message(1, page) }
      return writer.bytes
    }
  }
}
