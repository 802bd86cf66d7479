import Names

/// An event book on its way into the log: the answer of business logic, or facts to record.
public struct ProposedBook: Equatable, Sendable {
  /// Nil if the sender left it out, which business logic may.
  public var cover: Cover?
  public var snapshot: Snapshot?
  public var pages: [ProposedPage]
  @Bytewise public var commandID: String?
  /// As `Command.expected`.
  public var expected: SequenceNumber?
  public var origin: Origin

  public init(
    cover: Cover?, snapshot: Snapshot? = nil, pages: [ProposedPage], commandID: String? = nil,
    expected: SequenceNumber? = nil, origin: Origin = Origin()
  ) {
    self.cover = cover
    self.snapshot = snapshot
    self.pages = pages
    self.commandID = commandID
    self.expected = expected
    self.origin = origin
  }
}

/// Events of one commit, or the history of an aggregate, on their way to logic or a reader.
public struct EventBook: Equatable, Sendable {
  public var cover: Cover
  public var pages: PageBlock
  public var snapshot: Snapshot?
  @Bytewise public var commandID: String?
  public var origin: Origin
  /// The commit's place in the log, for readers of the log; nil if unknown.
  public var position: Position?

  public init(
    cover: Cover, pages: PageBlock, snapshot: Snapshot? = nil, commandID: String? = nil,
    origin: Origin = Origin(), position: Position? = nil
  ) {
    self.cover = cover
    self.pages = pages
    self.snapshot = snapshot
    self.commandID = commandID
    self.origin = origin
    self.position = position
  }

  /// The public view of a commit. Leaves the snapshot out: it belongs to the aggregate alone.
  ///
  /// Every book has a command id: the client's, else the commit's own id as text. The latter is
  /// not stored, and repeats no command, since it cannot be known beforehand. If the client gave
  /// no correlation, the command id stands for it.
  public init(_ commit: Commit) {
    let commandID = commit.commandID ?? commit.id.description
    var origin = commit.origin
    if origin.correlation.isEmpty { origin.correlation = commandID }
    self.init(cover: commit.cover, pages: commit.pages, commandID: commandID, origin: origin)
  }

  /// The public view of a commit, with its place in the log.
  public init(_ recorded: RecordedCommit) {
    self.init(recorded.commit)
    position = recorded.position
  }

  /// The public view of one aggregate's commits, in order: their events from `lower` (inclusive)
  /// up to `upper` (exclusive; nil: all), in books of at most `bytesMax` bytes of pages or one
  /// page.
  ///
  /// No book holds two commits: each has a command id of its own. `joining` makes fewer books.
  public static func books(
    of commits: some Sequence<RecordedCommit>, from lower: SequenceNumber = .first,
    upTo upper: SequenceNumber? = nil, bytesMax: Int = .max
  ) -> [EventBook] {
    commits.flatMap { recorded -> [EventBook] in
      var book = EventBook(recorded)
      book.pages = book.pages.slice(from: lower, upTo: upper)
      return book.pages.isEmpty ? [] : book.split(bySize: bytesMax)
    }
  }

  /// Splits the book so that no part has more than `size` bytes of pages, or holds more than one.
  public func split(bySize size: Int) -> [EventBook] {
    pages.split(bySize: size).map { part in
      var book = self
      book.pages = part
      return book
    }
  }
}
