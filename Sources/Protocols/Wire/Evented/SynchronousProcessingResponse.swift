import CWire
import EventModel
import StatusCodes

extension Evented {
  /// The result of a command.
  public struct SynchronousProcessingResponse: WireDecodable, WireEncodable, Equatable {
    /// The command's own events, then those of synchronous sagas.
    public var books: [EventBook]
    public var projections: [Projection]
    public var failures: [ProcessorFailure]
    /// True: the command id was known, and this is the stored answer.
    public var alreadyHandled: Bool
    /// The position of the command's own events; nil: there are none.
    public var position: Position?

    public init(
      books: [EventBook] = [], projections: [Projection] = [], failures: [ProcessorFailure] = [],
      alreadyHandled: Bool = false, position: Position? = nil
    ) {
      self.books = books
      self.projections = projections
      self.failures = failures
      self.alreadyHandled = alreadyHandled
      self.position = position
    }

    /// Decodes it for a client, or from a saga. Drops books without pages.
    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Evented__SynchronousProcessingResponse.self, wireBytes) {
        view throws(WireError) in
        var response = Self()
        var bookCount = 0
        var reader = FieldReader(view)
        while let field = try reader.next() {
          try response.take(field, content: view.part(field.content), bookCount: &bookCount)
        }
        return response
      }
    }

    private mutating func take(
      _ field: FieldReader.Field, content: View, bookCount: inout Int
    ) throws(WireError) {
      switch field.number {
      case 1:
        let fields = try at("books[\(bookCount)]") { () throws(WireError) in
          try EventBook(try BookFields(content))
        }
        bookCount += 1
        if !fields.pages.isEmpty { books.append(fields) }
      case 3:
        projections.append(
          try at("projections[\(projections.count)]") { () throws(WireError) in
            try Projection(content)
          })
      case 16:
        failures.append(
          try at("failures[\(failures.count)]") { () throws(WireError) in
            try ProcessorFailure(content)
          })
      case 17: alreadyHandled = field.value != 0
      case 18: position = try Position(content)
      default: break
      }
    }

    /// Copies the pages as stored.
    public var wireBytes: Bytes {
      var writer = FieldWriter(reserving: books.reduce(32) { $0 + $1.byteCountGuess })
      for book in books { writer.message(1, book) }
      for projection in projections { writer.message(3, projection) }
      for failure in failures { writer.field(16, failure.wireContent) }
      writer.number(17, alreadyHandled ? 1 : 0)
      if let position { writer.message(18, position) }
      return writer.bytes
    }
  }

  /// A synchronous projector or saga that failed.
  public struct ProcessorFailure: Sendable, Equatable {
    /// The processor's name.
    public var processor: Name
    public var statusCode: StatusCode
    /// The processor's message, for people.
    public var message: String
    /// The aggregate whose events it did not handle.
    public var cover: Cover?

    public init(processor: Name, statusCode: StatusCode, message: String, cover: Cover?) {
      self.processor = processor
      self.statusCode = statusCode
      self.message = message
      self.cover = cover
    }

    /// - Parameter view: a failure that was checked.
    fileprivate init(_ view: View) throws(WireError) {
      self = try unpackChecked(Evented__ProcessorFailure.self, view) {
        message throws(WireError) in
        let failure = message.pointee
        return ProcessorFailure(
          processor: Name(text(failure.processor)),
          statusCode: StatusCode(number: failure.code), message: text(failure.message),
          cover: try Cover(ifGiven: failure.cover))
      }
    }

    fileprivate var wireContent: Bytes {
      pack(Evented__ProcessorFailure.self) { builder, failure in
        failure.processor = builder.string(processor)
        failure.code = Int32(statusCode.rawValue)
        failure.message = builder.string(message)
        if let cover { failure.cover = builder.cover(cover) }
      }
    }
  }
}
