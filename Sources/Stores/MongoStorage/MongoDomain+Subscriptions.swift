import EventModel
import EventSourcing

extension MongoDomain: CheckpointStore, RecordStore, ParkingStore, LeaseStore {
  func checkpoint(
    of subscription: Name, partition: UInt32
  ) async throws(StorageError) -> Position {
    try await calls.call { [layout] client throws(MongoFailure) in
      try layout.leases(client).checkpoint(of: subscription, partition: partition)
    }
  }

  func advance(
    _ subscription: Name, to position: Position, holding lease: Lease
  ) async throws(StorageError) {
    let isHeld = try await leaseCalls.call { [layout] client throws(MongoFailure) in
      try layout.leases(client).advance(subscription, to: position, holding: lease)
    }
    if !isHeld {
      throw StorageError(
        .fenced, "\(lease.owner) no longer holds the lease \(lease.name): its work is another's")
    }
  }

  func record(of subscription: Name, root: Root) async throws(StorageError) -> ConsumerRecord? {
    try await readRecords { records throws(MongoFailure) in
      try records.record(of: subscription, root: root)
    }
  }

  func save(
    _ record: ConsumerRecord, after previous: SequenceNumber
  ) async throws(StorageError) -> Bool {
    try await withCheckedContinuation { continuation in
      saver.put(SaveCall(record, after: previous, continuation))
    }.get()
  }

  func removeRecords(of subscription: Name, limit: Int) async throws(StorageError) -> Int {
    try await calls.call { [layout] client throws(MongoFailure) in
      try layout.records(client).remove(subscription, limit: limit)
    }
  }

  func records(
    of subscription: Name, after root: Root?, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord] {
    try await readRecords { records throws(MongoFailure) in
      try records.records(of: subscription, after: root, limit: limit)
    }
  }

  func changes(
    of subscription: Name, after revision: Revision, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord] {
    try await readRecords { records throws(MongoFailure) in
      try records.changes(of: subscription, after: revision, limit: limit)
    }
  }

  func waitForChanges(of subscription: Name, after revision: Revision) async {
    await wait(for: .changes(subscription: subscription), after: revision.rawValue)
  }

  func park(_ aggregate: ParkedAggregate) async throws(StorageError) {
    try await calls.call { [layout, existence] client throws(MongoFailure) in
      try existence.ensure(client)
      try layout.parked(client).park(aggregate)
    }
  }

  func unpark(
    _ subscription: Name, root: Root, at first: SequenceNumber
  ) async throws(StorageError) {
    try await calls.call { [layout] client throws(MongoFailure) in
      try layout.parked(client).unpark(subscription, root: root, at: first)
    }
  }

  func parked(by subscription: Name, root: Root) async throws(StorageError) -> ParkedAggregate? {
    try await calls.call { [layout] client throws(MongoFailure) in
      try layout.parked(client).parked(by: subscription, root: root)
    }
  }

  func parked(
    by subscription: Name, after root: Root?, limit: Int
  ) async throws(StorageError) -> [ParkedAggregate] {
    try await calls.call { [layout] client throws(MongoFailure) in
      try layout.parked(client).parked(by: subscription, after: root, limit: limit)
    }
  }

  func acquire(
    _ name: Name, owner: Name, duration: Duration
  ) async throws(StorageError) -> Lease? {
    try await leaseCalls.call { [layout, existence, signs, now] client throws(MongoFailure) in
      try existence.ensure(client)
      // Read the clock now, because the call may have waited for long.
      let now = now()
      return try layout.leases(client, signs).acquire(
        name, owner: owner, until: now.advanced(by: duration), at: now)
    }
  }

  func renew(
    _ leases: [Lease], for duration: Duration
  ) async throws(StorageError) -> [Lease] {
    try await leaseCalls.call { [layout, now] client throws(MongoFailure) in
      try layout.leases(client).renew(leases, until: now().advanced(by: duration))
    }
  }

  func release(_ lease: Lease) async throws(StorageError) {
    try await leaseCalls.call { [layout] client throws(MongoFailure) in
      try layout.leases(client).release(lease)
    }
  }

  func holding(of lease: Name) async throws(StorageError) -> LeaseHolding? {
    try await calls.call { [layout] client throws(MongoFailure) in
      try layout.leases(client).holding(lease)
    }
  }
}

extension MongoDomain {
  private func readRecords<Outcome: Sendable>(
    _ work: @escaping @Sendable (RecordCollection) throws(MongoFailure) -> Outcome
  ) async throws(StorageError) -> Outcome {
    try await calls.call { [layout] client throws(MongoFailure) in
      try work(layout.records(client))
    }
  }

  func wait(for topic: Topic, after number: UInt64) async {
    await signal.wait(for: topic, after: number) { [weak self] topics in
      guard let self else { return [:] }
      var reached: [Topic: UInt64] = [:]
      for topic in topics { reached[topic] = try? await self.reached(topic) }
      return reached
    }
  }

  /// A topic's progress in any process. For a log this is the last visible commit: a reader that
  /// a commit behind a hole wakes settles the hole.
  private func reached(_ topic: Topic) async throws(StorageError) -> UInt64 {
    switch topic {
    case .log(let partition): try await lastCommit(ofPartition: partition).number
    case .changes(let subscription):
      try await readRecords { records throws(MongoFailure) in
        try records.revision(of: subscription).rawValue
      }
    }
  }
}
