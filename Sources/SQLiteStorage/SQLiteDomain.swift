import EventModel
import EventSourcing
import Threads

/// One domain's file: a writer, a few readers, and those who wait for news.
final class SQLiteDomain: EventStore {
  /// What can be waited for.
  enum Topic: Hashable {
    case log
    case changes(subscription: Name)
  }

  let domain: Name
  let partitions: UInt32 = 1
  let path: String
  let now: @Sendable () -> Timestamp
  let writer: Writer
  let readers: Readers
  let signal = ChangeSignal<Topic>(pollInterval: Limits.pollInterval)

  /// Opens the file, or creates it.
  init(
    _ domain: Name, path: String, now: @escaping @Sendable () -> Timestamp
  ) throws(StorageError) {
    self.domain = domain
    self.path = path
    self.now = now
    do throws(SQLiteFailure) {
      writer = try Writer(domain: domain, path: path, signal: signal)
    } catch {
      throw error.storageError(path)
    }
    do throws(SQLiteFailure) {
      readers = try Readers(path: path)
    } catch {
      writer.mailbox.close()
      throw error.storageError(path)
    }
  }

  deinit { beginClosing() }

  /// Takes no more calls. What waits is still done, and the threads end.
  func beginClosing() {
    signal.close()
    readers.mailbox.close()
    writer.mailbox.close()
  }

  func close() async {
    signal.close()
    // The readers first: the last to close the file copies the write-ahead log to it.
    await readers.close()
    writer.mailbox.close()
    await writer.ended.wait()
  }

  // MARK: Calls into the threads

  func read<Outcome: Sendable>(
    _ work: @escaping @Sendable (Connection) throws(SQLiteFailure) -> Outcome
  ) async throws(StorageError) -> Outcome {
    try await readers.mailbox.call(path) { connection throws(SQLiteFailure) in
      try work(connection)
    }
  }

  func readCommits<Outcome: Sendable>(
    _ work: @escaping @Sendable (CommitTable) throws(SQLiteFailure) -> Outcome
  ) async throws(StorageError) -> Outcome {
    try await read { [domain] connection throws(SQLiteFailure) in
      try work(CommitTable(connection: connection, domain: domain))
    }
  }

  // MARK: EventStore

  func append(_ commit: Commit) async throws(StorageError) -> AppendOutcome {
    precondition(commit.cover.domain == domain, "a commit goes to its own domain's store")
    let size = commit.pages.bytes.count + (commit.snapshot?.state.count ?? 0)
    return try await writer.mailbox.call(byteCount: size, path) { group throws(SQLiteFailure) in
      try group.append(commit)
    }
  }

  func next(of root: Root) async throws(StorageError) -> SequenceNumber {
    try await readCommits { commits throws(SQLiteFailure) in try commits.next(of: root) }
  }

  func load(_ root: Root) async throws(StorageError) -> Aggregate {
    try await readCommits { commits throws(SQLiteFailure) in try commits.load(root) }
  }

  func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await readCommits { commits throws(SQLiteFailure) in
      try commits.commits(of: root, from: lower, limit: limit)
    }
  }

  func commit(of root: Root, commandID: String) async throws(StorageError) -> RecordedCommit? {
    try await readCommits { commits throws(SQLiteFailure) in
      try commits.commit(of: root, commandID: commandID)
    }
  }

  func log(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    if position.partition != 0 { return [] }
    return try await readCommits { commits throws(SQLiteFailure) in
      try commits.commits(after: position.number, limit: limit)
    }
  }

  func head(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    if partition != 0 { return Position(partition: partition, number: 0) }
    return Position(
      number: try await readCommits { commits throws(SQLiteFailure) in try commits.head() })
  }

  func waitForLog(after position: Position) async {
    await wait(for: .log, after: position.number)
  }

  func roots(after root: Root?, limit: Int) async throws(StorageError) -> [Root] {
    try await readCommits { commits throws(SQLiteFailure) in
      try commits.roots(after: root, limit: limit)
    }
  }
}
