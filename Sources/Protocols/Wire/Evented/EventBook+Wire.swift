import CWire
import EventModel

// `evented.EventBook` in the domain's forms: stored events, and proposed events.

extension EventBook: WireDecodable, WireEncodable, WireContent {
  /// Decodes a book of stored events: cover and at least one page, pages numbered without gaps.
  public init(wireBytes: Bytes) throws(WireError) {
    self = try readBook(wireBytes) { fields throws(WireError) in
      try EventBook(withPages: fields)
    }
  }

  init(withPages fields: BookFields) throws(WireError) {
    guard !fields.pages.isEmpty else { throw .invalid("pages", "is empty") }
    try self.init(fields)
  }

  /// A book that may lack pages, such as an aggregate's history before its first event.
  init(_ fields: BookFields) throws(WireError) {
    self.init(
      cover: try fields.requiredCover(),
      pages: try PageBlock(fields.pages, after: fields.snapshot), snapshot: fields.snapshot,
      commandID: fields.optionalCommandID, origin: try fields.origin(), position: fields.position)
  }

  /// Copies the pages as stored.
  public var wireBytes: Bytes { written }

  var byteCountGuess: Int { parts.byteCountGuess }

  func write(to writer: inout FieldWriter) { parts.write(to: &writer) }

  fileprivate var parts: BookParts {
    BookParts(
      cover: cover, snapshot: snapshot, pages: pages.bytes, commandID: commandID, origin: origin,
      position: position)
  }
}

extension ProposedBook: WireDecodable, WireEncodable {
  /// Decodes the answer of business logic: all fields are optional, but must be valid.
  public init(wireBytes: Bytes) throws(WireError) {
    self = try readBook(wireBytes) { fields throws(WireError) in try ProposedBook(fields) }
  }

  /// Decodes a client's request to record: needs a cover and at least one event.
  public init(recordRequest wireBytes: Bytes) throws(WireError) {
    self = try readBook(wireBytes) { fields throws(WireError) in
      _ = try fields.requiredCover()
      guard !fields.pages.isEmpty else { throw .invalid("pages", "is empty: nothing to record") }
      return try ProposedBook(fields)
    }
  }

  fileprivate init(_ fields: BookFields) throws(WireError) {
    var pages: [ProposedPage] = []
    pages.reserveCapacity(fields.pages.count)
    for (index, view) in fields.pages.enumerated() {
      pages.append(
        try at("pages[\(index)]") { () throws(WireError) in try ProposedPage(view) })
    }
    self.init(
      cover: fields.cover, snapshot: fields.snapshot, pages: pages,
      commandID: fields.optionalCommandID, expected: fields.expected, origin: try fields.origin())
  }

  public var wireBytes: Bytes {
    var pages = FieldWriter()
    for page in self.pages { pages.message(3, page) }
    return BookParts(
      cover: cover, snapshot: snapshot, pages: pages.bytes, commandID: commandID, origin: origin,
      expected: expected
    ).written
  }
}

extension Evented {
  /// An event book for a projector's logic: the events, and the previous projection.
  public struct ProjectorRequest: WireDecodable, WireEncodable, Equatable {
    public var book: EventBook
    /// The projector's last answer for this aggregate; nil the first time.
    public var previous: Projection?

    public init(book: EventBook, previous: Projection? = nil) {
      self.book = book
      self.previous = previous
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try readBook(wireBytes) { fields throws(WireError) in
        Self(book: try EventBook(withPages: fields), previous: fields.projection)
      }
    }

    public var wireBytes: Bytes {
      var parts = book.parts
      parts.projection = previous
      return parts.written
    }
  }

  /// An event book for a projector's sidecar: how far to go for which aggregate, and which
  /// projection to return.
  public struct CoordinatedProjection: WireDecodable, WireEncodable, Equatable {
    public var book: EventBook
    /// One of the sidecar's projectors; nil if it has only one.
    public var projector: Name?

    public init(book: EventBook, projector: Name?) {
      self.book = book
      self.projector = projector
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try readBook(wireBytes) { fields throws(WireError) in
        let named = fields.projection?.projector
        return Self(book: try EventBook(withPages: fields), projector: named == "" ? nil : named)
      }
    }

    /// The field of a projection carries the projector's name.
    public var wireBytes: Bytes {
      var parts = book.parts
      parts.projection = projector.map {
        Projection(projector: $0, cover: book.cover, sequence: .first, value: [])
      }
      return parts.written
    }
  }
}

extension Evented {
  /// The answer of a saga's logic to synchronous events: an
  /// `evented.SynchronousProcessingResponse` whose books are facts to record.
  public struct SagaAnswer: WireDecodable {
    public var facts: [ProposedBook] = []
    public var projections: [Projection] = []

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Evented__SynchronousProcessingResponse.self, wireBytes) {
        view throws(WireError) in
        var answer = Self()
        var bookCount = 0
        var reader = FieldReader(view)
        while let field = try reader.next() {
          let content = view.part(field.content)
          switch field.number {
          case 1:
            let fact = try at("books[\(bookCount)]") { () throws(WireError) in
              let fields = try BookFields(content)
              _ = try fields.requiredCover()
              return try ProposedBook(fields)
            }
            bookCount += 1
            if !fact.pages.isEmpty { answer.facts.append(fact) }
          case 3:
            answer.projections.append(
              try at("projections[\(answer.projections.count)]") { () throws(WireError) in
                try Projection(content)
              })
          default: break
          }
        }
        return answer
      }
    }

    private init() {}
  }
}

/// Checks an event book, and passes its fields to the body.
private func readBook<Value>(
  _ wireBytes: Bytes, _ body: (BookFields) throws(WireError) -> Value
) throws(WireError) -> Value {
  try walk(Evented__EventBook.self, wireBytes) { view throws(WireError) in
    try body(try BookFields(view))
  }
}
