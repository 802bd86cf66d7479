import EventModel
import EventSourcing

/// Reads a domain's commits.
struct CommitTable {
  let connection: Connection
  let domain: Name

  /// The last commit's position; number 0 if the log is empty.
  func head() throws(SQLiteFailure) -> Position {
    let query = try connection.statement("SELECT max(position) FROM commits")
    defer { query.reset() }
    return Position(number: try query.step() ? query.number(0) : 0)
  }

  /// The number of the aggregate's next event; reads only the index.
  func next(of root: Root) throws(SQLiteFailure) -> SequenceNumber {
    let query = try connection.statement(
      "SELECT next_sequence FROM commits WHERE root = ? ORDER BY next_sequence DESC LIMIT 1")
    defer { query.reset() }
    try query.bind(1, root)
    return try query.step() ? query.sequence(0) : .first
  }

  /// The latest snapshot and all pages after it, from one consistent read.
  func load(_ root: Root) throws(SQLiteFailure) -> Aggregate {
    try connection.readConsistently { () throws(SQLiteFailure) in
      let snapshot = try latestSnapshot(of: root)
      let start = snapshot?.next ?? .first
      let query = try connection.statement(
        """
        SELECT first_sequence, next_sequence, pages FROM commits
        WHERE root = ? AND next_sequence > ? ORDER BY next_sequence
        """)
      defer { query.reset() }
      try query.bind(1, root)
      try query.bind(2, start)

      var pages: PageBlock?
      while try query.step() {
        guard let block = try pageBlock(query, first: 0, next: 1, bytes: 2) else {
          throw .damaged(Self.unreadable, damage(root, try query.sequence(0)))
        }
        // The first block may include pages that the snapshot covers.
        guard pages.map({ block.first == $0.next }) ?? (block.first <= start) else {
          throw .damaged(Self.missing, damage(root, pages?.next ?? start))
        }
        if pages == nil { pages = block } else { pages?.append(block) }
      }
      return Aggregate(
        cover: Cover(domain: domain, root: root), snapshot: snapshot,
        pages: pages ?? PageBlock(emptyAt: start))
    }
  }

  func latestSnapshot(of root: Root) throws(SQLiteFailure) -> Snapshot? {
    let query = try connection.statement(
      """
      SELECT snapshot_sequence, snapshot, next_sequence FROM commits
      WHERE root = ? AND snapshot_sequence IS NOT NULL ORDER BY next_sequence DESC LIMIT 1
      """)
    defer { query.reset() }
    try query.bind(1, root)
    guard try query.step() else { return nil }
    let snapshot = Snapshot(sequence: try query.sequence(0), state: query.bytes(1))
    guard snapshot.sequence < (try query.sequence(2)) else {
      throw .damaged(Self.isAhead, damage(root, snapshot.sequence))
    }
    return snapshot
  }

  // MARK: Whole commits

  func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) throws(SQLiteFailure) -> [RecordedCommit] {
    let query = try connection.statement(
      """
      SELECT position, root, first_sequence, next_sequence, snapshot_sequence, commit_id,
        command_id, correlation, created_seconds, created_nanos, annotations, pages, snapshot
      FROM commits WHERE root = ? AND next_sequence > ? ORDER BY next_sequence
      """)
    defer { query.reset() }
    try query.bind(1, root)
    try query.bind(2, lower)
    var next: SequenceNumber?
    return try read(query, limit) { recorded throws(SQLiteFailure) in
      let pages = recorded.commit.pages
      guard next.map({ pages.first == $0 }) ?? (pages.first <= lower) else {
        throw .damaged(Self.missing, damage(root, next ?? lower))
      }
      next = pages.next
    }
  }

  func commits(
    after position: Position, limit: ReadLimit
  ) throws(SQLiteFailure) -> [RecordedCommit] {
    let query = try connection.statement(
      """
      SELECT position, root, first_sequence, next_sequence, snapshot_sequence, commit_id,
        command_id, correlation, created_seconds, created_nanos, annotations, pages, snapshot
      FROM commits WHERE position > ? ORDER BY position
      """)
    defer { query.reset() }
    try query.bind(1, position.number)
    var last = position
    return try read(query, limit) { recorded throws(SQLiteFailure) in
      // A position is assigned and used in one transaction, so there are no gaps.
      guard recorded.position == last.next else {
        throw .damaged(Self.missing, Damage(domain: domain, position: last.next))
      }
      last = recorded.position
    }
  }

  func commit(of root: Root, commandID: String) throws(SQLiteFailure) -> RecordedCommit? {
    let query = try connection.statement(
      """
      SELECT position, root, first_sequence, next_sequence, snapshot_sequence, commit_id,
        command_id, correlation, created_seconds, created_nanos, annotations, pages, snapshot
      FROM commits WHERE root = ? AND command_id = ?
      """)
    defer { query.reset() }
    try query.bind(1, root)
    try query.bind(2, commandID)
    return try read(query, ReadLimit(count: 1)) { _ in }.first
  }

  /// The domain's roots: one index step for each.
  func roots(after root: Root?, limit: Int) throws(SQLiteFailure) -> [Root] {
    let query = try connection.statement(
      """
      WITH RECURSIVE found (root) AS (
        SELECT min(root) FROM commits WHERE root > ?1
        UNION ALL
        SELECT (SELECT min(root) FROM commits WHERE root > found.root) FROM found
        WHERE found.root IS NOT NULL)
      SELECT root FROM found WHERE root IS NOT NULL LIMIT ?2
      """)
    defer { query.reset() }
    try query.bind(1, root?.bytes ?? [])
    try query.bind(2, Int64(max(limit, 0)))
    var roots: [Root] = []
    while try query.step() { roots.append(try query.root(0)) }
    return roots
  }

  // MARK: Rows

  /// Reads commits up to the limit, or up to damage; a read that begins at damage throws.
  ///
  /// - Parameter check: throws if a commit does not follow the one before.
  private func read(
    _ query: Statement, _ limit: ReadLimit,
    check: (RecordedCommit) throws(SQLiteFailure) -> Void
  ) throws(SQLiteFailure) -> [RecordedCommit] {
    var portion = Portion<RecordedCommit>(limit)
    while true {
      do throws(SQLiteFailure) {
        guard try query.step() else { break }
        guard portion.admits(query.byteCount(11) + query.byteCount(12)) else { break }
        let commit = try recordedCommit(query)
        try check(commit)
        portion.append(commit)
      } catch {
        if portion.entries.isEmpty { throw error }
        break
      }
    }
    return portion.entries
  }

  /// Decodes a row with the columns that all queries for whole commits select.
  func recordedCommit(_ row: Statement) throws(SQLiteFailure) -> RecordedCommit {
    let position = Position(number: try row.number(0))
    var damage = Damage(domain: domain, position: position)
    do throws(SQLiteFailure) {
      let root = try row.root(1)
      damage.root = root
      damage.sequence = try row.sequence(2)
      guard let pages = try pageBlock(row, first: 2, next: 3, bytes: 11), !pages.isEmpty else {
        throw .damaged(Self.unreadable)
      }
      let snapshot =
        try row.isNull(4) ? nil : Snapshot(sequence: row.sequence(4), state: row.bytes(12))
      guard snapshot.map({ $0.sequence < pages.next }) ?? true else {
        throw .damaged(Self.isAhead)
      }
      let commit = Commit(
        cover: Cover(domain: domain, root: root), id: try row.commitID(5), pages: pages,
        snapshot: snapshot, commandID: row.isNull(6) ? nil : row.text(6),
        origin: Origin(correlation: row.text(7), annotations: row.bytes(10)),
        createdAt: row.time(8))
      return RecordedCommit(position: position, commit: commit)
    } catch {
      throw .damaged(error.message, damage)
    }
  }

  /// Nil if the bytes are not the pages with these numbers.
  private func pageBlock(
    _ row: Statement, first: Int32, next: Int32, bytes: Int32
  ) throws(SQLiteFailure) -> PageBlock? {
    try PageBlock(stored: row.bytes(bytes), first: row.sequence(first), next: row.sequence(next))
  }

  // MARK: Damage

  private static let missing = "is missing"
  private static let unreadable = "does not read as it was written"
  private static let isAhead = "has a snapshot of later events"

  private func damage(_ root: Root, _ sequence: SequenceNumber) -> Damage {
    Damage(domain: domain, root: root, sequence: sequence)
  }
}
