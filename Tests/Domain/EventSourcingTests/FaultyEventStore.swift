import EventModel
import EventSourcing
import Synchronization

/// A store whose appends fail on request, and that counts what is read of aggregates.
final class FaultyEventStore: EventStore {
  private let store: any EventStore
  private let failure = Mutex<StorageError?>(nil)
  let reads = Counter()

  init(_ store: any EventStore) { self.store = store }

  func failAppends(with error: StorageError?) { failure.withLock { $0 = error } }

  func append(_ commit: Commit) async throws(StorageError) -> AppendOutcome {
    if let error = failure.withLock({ $0 }) { throw error }
    return try await store.append(commit)
  }

  var domain: Name { store.domain }
  var partitions: UInt32 { store.partitions }

  func bar(
    _ commandID: String, of root: Root, as end: EndWithoutEvents
  ) async throws(StorageError) -> CommandConclusion {
    try await store.bar(commandID, of: root, as: end)
  }
  func next(of root: Root) async throws(StorageError) -> SequenceNumber {
    reads.add(1)
    return try await store.next(of: root)
  }
  func load(_ root: Root) async throws(StorageError) -> Aggregate {
    reads.add(1)
    return try await store.load(root)
  }
  func snapshot(of root: Root) async throws(StorageError) -> Snapshot? {
    reads.add(1)
    return try await store.snapshot(of: root)
  }
  func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    reads.add(1)
    return try await store.commits(of: root, from: lower, limit: limit)
  }
  func conclusion(
    of root: Root, commandID: String
  ) async throws(StorageError) -> CommandConclusion? {
    reads.add(1)
    return try await store.conclusion(of: root, commandID: commandID)
  }
  func log(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await store.log(after: position, limit: limit)
  }
  func head(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    try await store.head(ofPartition: partition)
  }
  func lastCommit(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    try await store.lastCommit(ofPartition: partition)
  }
  func waitForLog(after position: Position) async { await store.waitForLog(after: position) }
  func roots(after root: Root?, limit: Int) async throws(StorageError) -> [Root] {
    try await store.roots(after: root, limit: limit)
  }
  func effects(
    of causes: [EventRange], after last: RecordedCommit?, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await store.effects(of: causes, after: last, limit: limit)
  }
}
