/// An event book on its way into the log: the answer of business logic, or facts to record.
public struct ProposedBook: Equatable, Sendable {
  /// Nil where the sender left it out, which business logic may.
  public var cover: Cover?
  public var snapshot: Snapshot?
  public var pages: [ProposedPage]
  public var commandID: String?
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

/// A slice of one aggregate's stream on its way to a projector or a reader.
public struct EventBook: Equatable, Sendable {
  public var cover: Cover
  public var pages: PageBlock
  public var snapshot: Snapshot?
  public var commandID: String?
  public var origin: Origin

  public init(
    cover: Cover, pages: PageBlock, snapshot: Snapshot? = nil, commandID: String? = nil,
    origin: Origin = Origin()
  ) {
    self.cover = cover
    self.pages = pages
    self.snapshot = snapshot
    self.commandID = commandID
    self.origin = origin
  }

  /// What a commit tells the world. Its snapshot stays behind: it is the aggregate's own.
  public init(_ commit: Commit) {
    self.init(
      cover: commit.cover, pages: commit.pages, commandID: commit.commandID, origin: commit.origin)
  }
}
