import EventModel
import EventSourcing

extension MemoryDomain: CheckpointStore, RecordStore, ParkingStore, LeaseStore {
  func checkpoint(
    of subscription: Name, partition: UInt32
  ) async throws(StorageError) -> Position {
    subscriptions.withLock { $0.checkpoint(of: subscription, partition: partition) }
  }

  func advance(
    _ subscription: Name, to position: Position, holding lease: Lease
  ) async throws(StorageError) {
    try subscriptions.withLock { state throws(StorageError) in
      try state.advance(subscription, to: position, holding: lease)
    }
  }

  func record(of subscription: Name, root: Root) async throws(StorageError) -> ConsumerRecord? {
    subscriptions.withLock { $0.record(of: subscription, root: root) }
  }

  func save(
    _ record: ConsumerRecord, after previous: SequenceNumber
  ) async throws(StorageError) -> Bool {
    comeToExist()
    let isSaved = subscriptions.withLock { $0.save(record, after: previous) }
    if isSaved { waiters.wake(.changes(subscription: record.subscription)) }
    return isSaved
  }

  func removeRecords(of subscription: Name, limit: Int) async throws(StorageError) -> Int {
    subscriptions.withLock { $0.removeRecords(of: subscription, limit: limit) }
  }

  func records(
    of subscription: Name, after root: Root?, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord] {
    subscriptions.withLock { $0.records(of: subscription, after: root, limit: limit) }
  }

  func changes(
    of subscription: Name, after revision: Revision, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord] {
    subscriptions.withLock { $0.changes(of: subscription, after: revision, limit: limit) }
  }

  func waitForChanges(of subscription: Name, after revision: Revision) async {
    await waiters.wait(for: .changes(subscription: subscription)) {
      self.subscriptions.withLock { $0.revision(of: subscription) } > revision
    }
  }

  func park(_ aggregate: ParkedAggregate) async throws(StorageError) {
    comeToExist()
    subscriptions.withLock { $0.park(aggregate) }
  }

  func unpark(
    _ subscription: Name, root: Root, at first: SequenceNumber
  ) async throws(StorageError) {
    subscriptions.withLock { $0.unpark(subscription, root: root, at: first) }
  }

  func parked(by subscription: Name, root: Root) async throws(StorageError) -> ParkedAggregate? {
    subscriptions.withLock { $0.parked(by: subscription, root: root) }
  }

  func parked(
    by subscription: Name, after root: Root?, limit: Int
  ) async throws(StorageError) -> [ParkedAggregate] {
    subscriptions.withLock { $0.parked(by: subscription, after: root, limit: limit) }
  }

  func acquire(
    _ name: Name, owner: Name, duration: Duration
  ) async throws(StorageError) -> Lease? {
    comeToExist()
    let now = now()
    return subscriptions.withLock { state in
      state.acquire(name, owner: owner, until: now.advanced(by: duration), at: now)
    }
  }

  func renew(
    _ leases: [Lease], for duration: Duration
  ) async throws(StorageError) -> [Lease] {
    let expiry = now().advanced(by: duration)
    return subscriptions.withLock { state in leases.filter { state.renew($0, until: expiry) } }
  }

  func release(_ lease: Lease) async throws(StorageError) {
    subscriptions.withLock { $0.release(lease) }
  }

  func holding(of lease: Name) async throws(StorageError) -> LeaseHolding? {
    subscriptions.withLock { $0.holding(of: lease) }
  }
}
