import EventModel
import EventSourcing

/// One transaction that many writes share: each sees what those before it wrote.
struct WriteGroup {
  let connection: Connection
  let domain: Name
  /// The last commit's position, once a write needed it.
  private(set) var logHead: Position?
  /// The last record's revision, once a write needed it.
  private var lastRevision: Revision?
  /// The latest revisions of the subscriptions whose records were written.
  private(set) var revisions: [Name: Revision] = [:]
  /// Whether any command is barred in the file, once an append asked.
  private var hasBars: Bool?

  init(_ connection: Connection, domain: Name) {
    self.connection = connection
    self.domain = domain
  }

  mutating func append(_ commit: Commit) throws(SQLiteFailure) -> AppendOutcome {
    let commits = CommitTable(connection: connection, domain: domain)
    let root = commit.cover.root
    let next = try commits.next(of: root)
    if next > .first, let id = commit.commandID,
      let earlier = try commits.commit(of: root, commandID: id)
    {
      return .alreadyHandled(earlier)
    }
    if let id = commit.commandID, try hasBars(in: commits),
      let end = try commits.end(of: root, commandID: id)
    {
      return .barred(end)
    }
    guard commit.pages.first == next else { return .conflict(next: next) }
    let last = if let logHead { logHead } else { try commits.head() }
    let position = last.next
    try commits.insert(commit, at: position)
    logHead = position
    return .appended(position)
  }

  /// Asks once: the transaction keeps every other writer out.
  private mutating func hasBars(in commits: CommitTable) throws(SQLiteFailure) -> Bool {
    if let hasBars { return hasBars }
    let found = try commits.hasBars()
    hasBars = found
    return found
  }

  mutating func bar(
    _ commandID: String, of root: Root, as end: EndWithoutEvents
  ) throws(SQLiteFailure) -> CommandConclusion {
    let commits = CommitTable(connection: connection, domain: domain)
    if let conclusion = try commits.conclusion(of: root, commandID: commandID) {
      return conclusion
    }
    try commits.bar(commandID, of: root, as: end)
    hasBars = true
    return .barred(end)
  }

  mutating func save(
    _ record: ConsumerRecord, after previous: SequenceNumber
  ) throws(SQLiteFailure) -> Bool {
    let records = RecordTable(connection: connection)
    guard try records.next(of: record.subscription, root: record.root) == previous else {
      return false
    }
    let last = if let lastRevision { lastRevision } else { try records.lastRevision() }
    let revision = last.next
    try records.write(record, revision: revision)
    lastRevision = revision
    revisions[record.subscription] = revision
    return true
  }

  /// False where the lease is someone else's.
  func advance(
    _ subscription: Name, to position: Position, holding lease: Lease
  ) throws(SQLiteFailure) -> Bool {
    guard try LeaseTable(connection: connection).isHeld(lease) else { return false }
    try CheckpointTable(connection: connection).advance(subscription, to: position)
    return true
  }
}
