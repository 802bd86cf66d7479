import CWire
import EventModel

// `evented.EventBook`, in the forms that the domain knows: events that are stored already, and
// events that somebody would like to have stored.

extension EventBook: WireDecodable, WireEncodable {
  /// Reads a book of stored events: cover and at least one page, pages numbered without a gap.
  public init(wireBytes: Bytes) throws(WireError) {
    self = try readBook(wireBytes) { fields throws(WireError) in
      try EventBook(withPages: fields)
    }
  }

  init(withPages fields: BookFields) throws(WireError) {
    guard !fields.pages.isEmpty else { throw .invalid("pages", "is empty") }
    try self.init(fields)
  }

  /// A book that may be without pages, as an aggregate's history is before its first event.
  init(_ fields: BookFields) throws(WireError) {
    self.init(
      cover: try fields.requiredCover(),
      pages: try PageBlock(fields.pages, after: fields.snapshot), snapshot: fields.snapshot,
      commandID: fields.optionalCommandID, origin: try fields.origin(), position: fields.position)
  }

  /// Pages go into it as they are stored.
  public var wireBytes: Bytes { parts().wireBytes }

  func parts(previous projection: Projection? = nil) -> BookParts {
    BookParts(
      cover: cover, snapshot: snapshot, pages: pages.bytes,
      rest: bookRest(
        commandID: commandID, origin: origin, projection: projection, position: position))
  }
}

extension ProposedBook: WireDecodable, WireEncodable {
  /// Reads what business logic answered: nothing need be there, but what is there must be right.
  public init(wireBytes: Bytes) throws(WireError) {
    self = try readBook(wireBytes) { fields throws(WireError) in try ProposedBook(fields) }
  }

  /// Reads what a client wants recorded: it must say whose events they are, and have some.
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
    for page in self.pages { pages.field(3, page.wireContent) }
    return BookParts(
      cover: cover, snapshot: snapshot, pages: pages.bytes,
      rest: bookRest(commandID: commandID, origin: origin, expected: expected)
    ).wireBytes
  }
}

extension Evented {
  /// An event book as a projector's logic gets it: the events, and what it made of those before.
  public struct ProjectorRequest: WireDecodable, WireEncodable, Equatable {
    public var book: EventBook
    /// What the projector answered last for this aggregate; nil the first time.
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

    public var wireBytes: Bytes { book.parts(previous: previous).wireBytes }
  }

  /// An event book as a projector's sidecar gets it: how far to go, for which aggregate, and whose
  /// projection is wanted.
  public struct CoordinatedProjection: WireDecodable, WireEncodable, Equatable {
    public var book: EventBook
    /// One of the sidecar's projectors; nil where it has only one.
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

    /// The name stands where a projection would say whose it is.
    public var wireBytes: Bytes {
      let named = projector.map {
        Projection(projector: $0, cover: book.cover, sequence: .first, value: [])
      }
      return book.parts(previous: named).wireBytes
    }
  }
}

extension Evented {
  /// What the logic of a saga answers to synchronous events: an
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

/// Checks an event book, and lets the body make something of its fields.
private func readBook<Value>(
  _ wireBytes: Bytes, _ body: (BookFields) throws(WireError) -> Value
) throws(WireError) -> Value {
  try walk(Evented__EventBook.self, wireBytes) { view throws(WireError) in
    try body(try BookFields(view))
  }
}
