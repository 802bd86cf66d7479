import EventModel
import EventSourcing
import Synchronization

/// One domain in memory. One lock guards each part, so every call is atomic.
final class MemoryDomain: EventStore {
  let domain: Name
  let partitions: UInt32 = 1
  let now: @Sendable () -> Timestamp
  let log = Mutex(MemoryLog())
  let subscriptions = Mutex(MemorySubscriptions())
  let agendas = Mutex<[Name: MemoryAgenda]>([:])
  let waiters = Waiters()
  private weak let table: DomainTable<MemoryDomain>?
  private let exists = Atomic(false)

  init(
    _ domain: Name, in table: DomainTable<MemoryDomain>, now: @escaping @Sendable () -> Timestamp
  ) {
    self.domain = domain
    self.table = table
    self.now = now
  }

  /// Marks the domain as existing. Precedes every write that may be its first.
  func comeToExist() {
    if exists.exchange(true, ordering: .relaxed) { return }
    table?.keep(self, as: domain)
  }

  func append(_ commit: Commit) async throws(StorageError) -> AppendOutcome {
    precondition(commit.cover.domain == domain, "a commit goes to its own domain's store")
    comeToExist()
    let outcome = log.withLock { $0.append(commit) }
    if case .appended = outcome { waiters.wake(.log) }
    return outcome
  }

  func bar(
    _ commandID: String, of root: Root, as end: EndWithoutEvents
  ) async throws(StorageError) -> CommandConclusion {
    comeToExist()
    return log.withLock { $0.bar(commandID, of: root, as: end) }
  }

  func next(of root: Root) async throws(StorageError) -> SequenceNumber {
    log.withLock { $0.next(of: root) }
  }

  func load(_ root: Root) async throws(StorageError) -> Aggregate {
    log.withLock { $0.load(Cover(domain: domain, root: root)) }
  }

  func snapshot(of root: Root) async throws(StorageError) -> Snapshot? {
    log.withLock { $0.snapshot(of: root) }
  }

  func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    log.withLock { $0.commits(of: root, from: lower, limit: limit) }
  }

  func conclusion(
    of root: Root, commandID: String
  ) async throws(StorageError) -> CommandConclusion? {
    log.withLock { $0.conclusion(of: root, commandID: commandID) }
  }

  func log(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    if position.partition != 0 { return [] }
    return log.withLock { $0.commits(after: position, limit: limit) }
  }

  func head(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    partition == 0 ? log.withLock { $0.head } : Position(partition: partition, number: 0)
  }

  /// Equal to the head: commits never follow an unsettled position.
  func lastCommit(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    try await head(ofPartition: partition)
  }

  func effects(
    of causes: [EventRange], after last: RecordedCommit?, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    log.withLock { $0.effects(of: causes, after: last, limit: limit) }
  }

  func waitForLog(after position: Position) async {
    await waiters.wait(for: .log) {
      self.log.withLock { $0.head.number } > position.number
    }
  }

  func roots(after root: Root?, limit: Int) async throws(StorageError) -> [Root] {
    log.withLock { $0.roots(after: root, limit: limit) }
  }
}
