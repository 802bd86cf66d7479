import EventModel
import EventSourcing
import Files
import Threads

/// One domain's store: writer, readers and waiters.
final class MongoDomain: EventStore {
  /// A topic to wait for.
  enum Topic: Hashable {
    case log(partition: UInt32)
    case changes(subscription: Name)
  }

  let domain: Name
  let partitions: UInt32
  let layout: DomainLayout
  let calls: CallThreads
  /// For leases only.
  let leaseCalls: CallThreads
  let signs: SignsOfLife?
  let existence: DomainExistence
  let now: @Sendable () -> Timestamp
  let signal: ChangeSignal<Topic>
  let saver: GroupQueue<SaveCall>
  private let appenders: [GroupQueue<AppendCall>]
  let reader: LogReader
  private let heads: HeadCache
  private let lastCommits: LastCommits
  private let settled: SettledPrefix

  init(
    _ layout: DomainLayout, server: Server, threads: StorageThreads, signs: SignsOfLife?,
    version: String?, now: @escaping @Sendable () -> Timestamp
  ) {
    domain = layout.domain
    partitions = layout.partitions
    self.layout = layout
    calls = threads.calls
    leaseCalls = threads.leases
    self.signs = signs
    let existence = DomainExistence(of: layout, by: version, now: now)
    self.existence = existence
    self.now = now
    let signal = ChangeSignal<Topic>(pollInterval: Limits.pollInterval)
    self.signal = signal
    let heads = HeadCache(limit: Limits.headsRemembered)
    self.heads = heads
    lastCommits = LastCommits(partitions: layout.partitions)
    settled = SettledPrefix(partitions: layout.partitions)
    let holes = HoleBook(partitions: layout.partitions)
    reader = LogReader(calls: threads.calls, layout: layout, holes: holes, now: now)
    let appender = Appender(
      server: server, layout: layout, existence: existence, heads: heads, holes: holes, now: now
    ) {
      signal.learn(.log(partition: $0.partition), $0.number)
    }
    appenders = (0..<Limits.appendQueues).map { _ in
      GroupQueue(on: threads.writing, write: appender.append)
    }
    let saver = RecordSaver(server: server, layout: layout, existence: existence) {
      signal.learn(.changes(subscription: $0), $1.rawValue)
    }
    self.saver = GroupQueue(on: threads.writing, write: saver.save)
  }

  deinit { signal.close() }

  /// Refuses new writes; returns once the waiting ones are done.
  func close() async {
    signal.close()
    for appender in appenders { await appender.close() }
    await saver.close()
  }

  func readCommits<Outcome: Sendable>(
    _ work: @escaping @Sendable (CommitCollection) throws(MongoFailure) -> Outcome
  ) async throws(StorageError) -> Outcome {
    try await calls.call { [layout] client throws(MongoFailure) in
      try work(layout.commits(client))
    }
  }

  // MARK: EventStore

  func append(_ commit: Commit) async throws(StorageError) -> AppendOutcome {
    precondition(commit.cover.domain == domain, "a commit goes to its own domain's store")
    // Each root always uses the same queue, so no two concurrent groups hold the same root.
    let appender = appenders[Int(commit.cover.root.hashValue.magnitude % UInt(appenders.count))]
    return try await withCheckedContinuation { continuation in
      appender.put(AppendCall(commit, continuation))
    }.get()
  }

  func bar(
    _ commandID: String, of root: Root, as end: EndWithoutEvents
  ) async throws(StorageError) -> CommandConclusion {
    try await calls.call { [layout, existence, now] client throws(MongoFailure) in
      try existence.ensure(client)
      return try CommandBar(layout: layout, now: now).put(commandID, of: root, as: end, client)
    }
  }

  func next(of root: Root) async throws(StorageError) -> SequenceNumber {
    let next = try await readCommits { commits throws(MongoFailure) in try commits.next(of: root) }
    heads.note(root, next)
    return next
  }

  func load(_ root: Root) async throws(StorageError) -> Aggregate {
    let aggregate = try await readCommits { commits throws(MongoFailure) in
      try commits.load(root)
    }
    heads.note(root, aggregate.pages.next)
    return aggregate
  }

  func snapshot(of root: Root) async throws(StorageError) -> Snapshot? {
    try await readCommits { commits throws(MongoFailure) in try commits.snapshot(of: root) }
  }

  func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await readCommits { commits throws(MongoFailure) in
      try commits.commits(of: root, from: lower, limit: limit)
    }
  }

  func conclusion(
    of root: Root, commandID: String
  ) async throws(StorageError) -> CommandConclusion? {
    try await readCommits { commits throws(MongoFailure) in
      try commits.conclusion(of: root, commandID: commandID)
    }
  }

  func log(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await reader.log(after: position, limit: limit)
  }

  func head(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    guard partition < partitions else { return Position(partition: partition, number: 0) }
    let number = try await calls.call { [layout, settled] client throws(MongoFailure) in
      try settled.end(in: partition, layout, client).commit
    }
    return Position(partition: partition, number: number)
  }

  func lastCommit(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    guard partition < partitions else { return Position(partition: partition, number: 0) }
    let number = try await calls.call { [layout, lastCommits] client throws(MongoFailure) in
      try lastCommits.look(in: partition, layout, client)
    }
    return Position(partition: partition, number: number)
  }

  func effects(
    of causes: [EventRange], after last: RecordedCommit?, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await readCommits { commits throws(MongoFailure) in
      try commits.effects(of: causes, after: last, limit: limit)
    }
  }

  func waitForLog(after position: Position) async {
    await wait(for: .log(partition: position.partition), after: position.number)
  }

  func roots(after root: Root?, limit: Int) async throws(StorageError) -> [Root] {
    try await readCommits { commits throws(MongoFailure) in
      try commits.roots(after: root, limit: limit)
    }
  }
}
