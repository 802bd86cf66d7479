import CWire
import EventModel
import Names

extension Evented {
  /// An `evented.CommandBook` for the programs that make or decide commands: a client, a saga,
  /// business logic. In between it is an `EventModel.Command`.
  public struct CommandBook: WireDecodable, WireEncodable, Equatable {
    public var cover: Cover
    public var pages: [CommandPage]
    /// Idempotency key, at most `FieldLimits.commandIDByteCount` bytes; nil: none.
    @Bytewise public var commandID: String?
    public var origin: Origin
    /// The required sequence of the first new event; nil: any.
    public var expected: SequenceNumber?

    public init(
      cover: Cover, pages: [CommandPage], commandID: String? = nil, origin: Origin = Origin(),
      expected: SequenceNumber? = nil
    ) {
      self.cover = cover
      self.pages = pages
      self.commandID = commandID
      self.origin = origin
      self.expected = expected
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Evented__CommandBook.self, wireBytes) { view throws(WireError) in
        let command = try Command(view, encoded: wireBytes)
        var book = Self(
          cover: command.cover, pages: [], commandID: command.id, origin: command.origin,
          expected: command.expected)
        var reader = FieldReader(view)
        while let field = try reader.next() {
          guard field.number == 2 else { continue }
          book.pages.append(try CommandPage(view.part(field.content)))
        }
        return book
      }
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      writer.message(1, cover)
      for (index, page) in pages.enumerated() {
        writer.message(2, guess: page.command.count + 16) { page.write(at: index, to: &$0) }
      }
      writer.text(16, commandID ?? "")
      writer.text(17, origin.correlation)
      writer.fields(origin.annotations)
      if let expected { writer.expected(20, expected) }
      return writer.bytes
    }
  }

  /// One command of a book.
  public struct CommandPage: Sendable, Equatable {
    /// True if synchronous projectors and sagas handle its events before the answer.
    public var synchronous: Bool
    /// The command, an `Any` in wire form.
    public var command: Bytes
    /// The member of the aggregate that the command is for, `type:id`; nil: the root.
    public var entity: Name?

    public init(_ command: Payload, synchronous: Bool = false, entity: Name? = nil) {
      self.init(command: command.wireBytes, synchronous: synchronous, entity: entity)
    }

    public init(command: Bytes, synchronous: Bool = false, entity: Name? = nil) {
      self.command = command
      self.synchronous = synchronous
      self.entity = entity
    }

    /// - Parameter view: a page that was checked.
    fileprivate init(_ view: View) throws(WireError) {
      self.init(command: [])
      var reader = FieldReader(view)
      while let field = try reader.next() {
        switch field.number {
        case 2: synchronous = field.value != 0
        case 3: command = Bytes(view.part(field.content))
        case 16:
          let name = Name(String(decoding: view.part(field.content), as: UTF8.self))
          entity = name.text.isEmpty ? nil : name
        default: break
        }
      }
    }

    fileprivate func write(at index: Int, to writer: inout FieldWriter) {
      writer.number(1, UInt64(index))
      writer.number(2, synchronous ? 1 : 0)
      writer.field(3, command)
      if let entity { writer.text(16, entity) }
    }
  }
}
