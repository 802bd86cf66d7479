import EventModel
import EventSourcing
import Files
import Synchronization
import Threads

/// One domain's store: calls into its file, which is opened on demand, and waiters.
///
/// The first write creates the file. Until then every read is empty.
final class SQLiteDomain: EventStore {
  /// A topic to wait for.
  enum Topic: Hashable {
    case log
    case changes(subscription: Name)
  }

  let domain: Name
  let partitions: UInt32 = 1
  let path: String
  /// Of Outrider, as the file is to have it.
  let version: String?
  let now: @Sendable () -> Timestamp
  let signal = ChangeSignal<Topic>(pollInterval: Limits.pollInterval)
  let files: OpenFiles
  let holders: SignsOfLife
  private let isKnownToExist = Atomic(false)

  init(
    _ domain: Name, path: String, version: String?, in files: OpenFiles, holders: SignsOfLife,
    now: @escaping @Sendable () -> Timestamp
  ) {
    self.domain = domain
    self.path = path
    self.version = version
    self.files = files
    self.holders = holders
    self.now = now
  }

  deinit { signal.close() }

  /// Whether its file is known to exist.
  var exists: Bool { isKnownToExist.load(ordering: .acquiring) }

  func noteExistence() { isKnownToExist.store(true, ordering: .releasing) }

  /// Opens the file if it exists, which checks it.
  func openIfExisting() async throws(StorageError) {
    _ = try await files.file(of: self, creating: false)
  }

  // MARK: Calls into the file

  /// - Parameter absent: the result for a domain without a file.
  func read<Outcome: Sendable>(
    orAbsent absent: Outcome,
    _ work: @escaping @Sendable (Connection) throws(SQLiteFailure) -> Outcome
  ) async throws(StorageError) -> Outcome {
    // Nil: the file has just been closed for another, so open it again.
    while let file = try await files.file(of: self, creating: false) {
      let outcome = try await file.reads.call(path) { connection throws(SQLiteFailure) in
        try work(connection)
      }
      if let outcome { return outcome }
    }
    return absent
  }

  /// Like `read`, for reads that take microseconds if their pages are in memory: they wake no
  /// other thread.
  func readInPlace<Outcome: Sendable>(
    orAbsent absent: Outcome,
    _ work: @escaping @Sendable (Connection) throws(SQLiteFailure) -> Outcome
  ) async throws(StorageError) -> Outcome {
    guard let file = try await files.file(of: self, creating: false) else { return absent }
    if let outcome = try file.readers.readInPlace(work) { return outcome }
    return try await read(orAbsent: absent, work)
  }

  /// Like `readInPlace`, for commits.
  private func readCommitsInPlace<Outcome: Sendable>(
    orAbsent absent: Outcome,
    _ work: @escaping @Sendable (CommitTable) throws(SQLiteFailure) -> Outcome
  ) async throws(StorageError) -> Outcome {
    try await readInPlace(orAbsent: absent) { [domain] connection throws(SQLiteFailure) in
      try work(CommitTable(connection: connection, domain: domain))
    }
  }

  func readCommits<Outcome: Sendable>(
    orAbsent absent: Outcome,
    _ work: @escaping @Sendable (CommitTable) throws(SQLiteFailure) -> Outcome
  ) async throws(StorageError) -> Outcome {
    try await read(orAbsent: absent) { [domain] connection throws(SQLiteFailure) in
      try work(CommitTable(connection: connection, domain: domain))
    }
  }

  /// Writes with the current task's urgency.
  func write<Outcome: Sendable>(
    byteCount: Int = 0,
    _ work: @escaping @Sendable (inout WriteGroup) throws(SQLiteFailure) -> Outcome
  ) async throws(StorageError) -> Outcome {
    let inBackground = WriteUrgency.current == .background
    while let file = try await files.file(of: self, creating: true) {
      let outcome = try await file.writes.call(
        byteCount: byteCount, inBackground: inBackground, path, work)
      if let outcome { return outcome }
    }
    preconditionFailure("a file that is to be created is there, or an error is thrown")
  }

  // MARK: EventStore

  func append(_ commit: Commit) async throws(StorageError) -> AppendOutcome {
    precondition(commit.cover.domain == domain, "a commit goes to its own domain's store")
    let size = commit.pages.bytes.count + (commit.snapshot?.state.count ?? 0)
    return try await write(byteCount: size) { group throws(SQLiteFailure) in
      try group.append(commit)
    }
  }

  func bar(
    _ commandID: String, of root: Root, as end: EndWithoutEvents
  ) async throws(StorageError) -> CommandConclusion {
    try await write { group throws(SQLiteFailure) in
      try group.bar(commandID, of: root, as: end)
    }
  }

  func next(of root: Root) async throws(StorageError) -> SequenceNumber {
    try await readCommitsInPlace(orAbsent: .first) { commits throws(SQLiteFailure) in
      try commits.next(of: root)
    }
  }

  func load(_ root: Root) async throws(StorageError) -> Aggregate {
    let absent = Aggregate(cover: Cover(domain: domain, root: root))
    return try await readCommitsInPlace(orAbsent: absent) {
      commits throws(SQLiteFailure) in
      try commits.load(root)
    }
  }

  func snapshot(of root: Root) async throws(StorageError) -> Snapshot? {
    try await readCommits(orAbsent: nil) { commits throws(SQLiteFailure) in
      try commits.latestSnapshot(of: root)
    }
  }

  func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    // A read of one commit is as quick as a look-up by command id.
    if limit.count == 1 {
      return try await readCommitsInPlace(orAbsent: []) { commits throws(SQLiteFailure) in
        try commits.commits(of: root, from: lower, limit: limit)
      }
    }
    return try await readCommits(orAbsent: []) { commits throws(SQLiteFailure) in
      try commits.commits(of: root, from: lower, limit: limit)
    }
  }

  func conclusion(
    of root: Root, commandID: String
  ) async throws(StorageError) -> CommandConclusion? {
    try await readCommitsInPlace(orAbsent: nil) { commits throws(SQLiteFailure) in
      try commits.conclusion(of: root, commandID: commandID)
    }
  }

  func log(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    if position.partition != 0 { return [] }
    if let end = signal.reached(.log), end >= position.number,
      end - position.number <= Limits.readInPlace.count
    {
      var limit = limit
      limit.bytes = min(limit.bytes, Limits.readInPlace.bytes)
      return try await readCommitsInPlace(orAbsent: []) { [limit] commits throws(SQLiteFailure) in
        try commits.commits(after: position, limit: limit)
      }
    }
    return try await readCommits(orAbsent: []) { commits throws(SQLiteFailure) in
      try commits.commits(after: position, limit: limit)
    }
  }

  func head(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    let start = Position(partition: partition, number: 0)
    if partition != 0 { return start }
    return try await readCommits(orAbsent: start) { commits throws(SQLiteFailure) in
      try commits.head()
    }
  }

  /// Equal to the head: commits never follow an unsettled position.
  func lastCommit(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    try await head(ofPartition: partition)
  }

  func effects(
    of causes: [EventRange], after last: RecordedCommit?, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await readCommits(orAbsent: []) { commits throws(SQLiteFailure) in
      try commits.effects(of: causes, after: last, limit: limit)
    }
  }

  func waitForLog(after position: Position) async {
    await wait(for: .log, after: position.number)
  }

  func roots(after root: Root?, limit: Int) async throws(StorageError) -> [Root] {
    try await readCommits(orAbsent: []) { commits throws(SQLiteFailure) in
      try commits.roots(after: root, limit: limit)
    }
  }
}
