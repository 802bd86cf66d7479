import EventModel

/// A store for a consumer without access to the event store: reads events from elsewhere, and
/// keeps the results in a store of its own.
public struct SplitStore: ConsumerStore {
  private let history: any EventHistory
  private let progress: any ProgressStore

  public init(history: any EventHistory, progress: any ProgressStore) {
    self.history = history
    self.progress = progress
  }
}

extension SplitStore {
  public var domain: Name { history.domain }
  public var partitions: UInt32 { history.partitions }

  public func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await history.commits(of: root, from: lower, limit: limit)
  }

  public func log(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await history.log(after: position, limit: limit)
  }

  public func head(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    try await history.head(ofPartition: partition)
  }

  public func waitForLog(after position: Position) async {
    await history.waitForLog(after: position)
  }
}

extension SplitStore {
  public func checkpoint(
    of subscription: Name, partition: UInt32
  ) async throws(StorageError) -> Position {
    try await progress.checkpoint(of: subscription, partition: partition)
  }

  public func advance(
    _ subscription: Name, to position: Position, holding lease: Lease
  ) async throws(StorageError) {
    try await progress.advance(subscription, to: position, holding: lease)
  }

  public func acquire(
    _ name: Name, owner: Name, duration: Duration
  ) async throws(StorageError) -> Lease? {
    try await progress.acquire(name, owner: owner, duration: duration)
  }

  public func renew(
    _ leases: [Lease], for duration: Duration
  ) async throws(StorageError) -> [Lease] {
    try await progress.renew(leases, for: duration)
  }

  public func release(_ lease: Lease) async throws(StorageError) {
    try await progress.release(lease)
  }

  public func holding(of lease: Name) async throws(StorageError) -> LeaseHolding? {
    try await progress.holding(of: lease)
  }
}

extension SplitStore {
  public func record(
    of subscription: Name, root: Root
  ) async throws(StorageError) -> ConsumerRecord? {
    try await progress.record(of: subscription, root: root)
  }

  public func save(
    _ record: ConsumerRecord, after previous: SequenceNumber
  ) async throws(StorageError) -> Bool {
    try await progress.save(record, after: previous)
  }

  public func removeRecords(
    of subscription: Name, limit: Int
  ) async throws(StorageError) -> Int {
    try await progress.removeRecords(of: subscription, limit: limit)
  }

  public func records(
    of subscription: Name, after root: Root?, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord] {
    try await progress.records(of: subscription, after: root, limit: limit)
  }

  public func changes(
    of subscription: Name, after revision: Revision, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord] {
    try await progress.changes(of: subscription, after: revision, limit: limit)
  }

  public func waitForChanges(of subscription: Name, after revision: Revision) async {
    await progress.waitForChanges(of: subscription, after: revision)
  }
}

extension SplitStore {
  public func park(_ aggregate: ParkedAggregate) async throws(StorageError) {
    try await progress.park(aggregate)
  }

  public func unpark(
    _ subscription: Name, root: Root, at first: SequenceNumber
  ) async throws(StorageError) {
    try await progress.unpark(subscription, root: root, at: first)
  }

  public func parked(
    by subscription: Name, root: Root
  ) async throws(StorageError) -> ParkedAggregate? {
    try await progress.parked(by: subscription, root: root)
  }

  public func parked(
    by subscription: Name, after root: Root?, limit: Int
  ) async throws(StorageError) -> [ParkedAggregate] {
    try await progress.parked(by: subscription, after: root, limit: limit)
  }
}

extension SplitStore {
  public func enter(_ entries: [AgendaEntry]) async throws(StorageError) {
    try await progress.enter(entries)
  }

  public func strike(_ keys: [AgendaKey], from agenda: Name) async throws(StorageError) {
    try await progress.strike(keys, from: agenda)
  }

  public func entries(
    of agenda: Name, after last: AgendaPlace?, dueBy time: Timestamp?, limit: Int
  ) async throws(StorageError) -> [AgendaEntry] {
    try await progress.entries(of: agenda, after: last, dueBy: time, limit: limit)
  }

  public func agendas() async throws(StorageError) -> [Name] { try await progress.agendas() }
}
