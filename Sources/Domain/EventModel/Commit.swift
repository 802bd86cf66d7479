import Names

/// What one command appends: one or more pages and perhaps a snapshot, stored together or not at
/// all. It is one record in every store.
public struct Commit: Equatable, Sendable {
  public var cover: Cover
  /// Random, made by the writer. If the outcome of a write is unknown, the writer recognises its
  /// own commit by it.
  public var id: CommitID
  public var pages: PageBlock
  /// State that includes some or all of the pages, stored atomically with them.
  public var snapshot: Snapshot?
  /// The client's idempotency key, scoped to the aggregate; nil if it gave none.
  @Bytewise public var commandID: String?
  public var origin: Origin
  public var createdAt: Timestamp

  public init(
    cover: Cover, id: CommitID, pages: PageBlock, snapshot: Snapshot? = nil,
    commandID: String? = nil, origin: Origin = Origin(), createdAt: Timestamp
  ) {
    precondition(!pages.isEmpty, "a commit holds at least one page")
    self.cover = cover
    self.id = id
    self.pages = pages
    self.snapshot = snapshot
    self.commandID = commandID
    self.origin = origin
    self.createdAt = createdAt
  }
}

/// A commit with its place in the log.
public struct RecordedCommit: Equatable, Sendable {
  public var position: Position
  public var commit: Commit

  public init(position: Position, commit: Commit) {
    self.position = position
    self.commit = commit
  }
}

/// The reason for a commit.
public struct Origin: Hashable, Sendable {
  /// Shared by everything that one external request caused. Empty if the client gave none; the
  /// command id stands for it.
  @Bytewise public var correlation: String
  /// Cause and headers: fields 18 and 19 of `evented.EventBook`, in wire form. Only
  /// `causingEvent` decodes them.
  public var annotations: Bytes

  public init(correlation: String = "", annotations: Bytes = []) {
    self.correlation = correlation
    self.annotations = annotations
  }
}
