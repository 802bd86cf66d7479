import EventModel
import EventSourcing

extension SQLiteDomain: CheckpointStore, RecordStore, ParkingStore, LeaseStore {
  func checkpoint(
    of subscription: Name, partition: UInt32
  ) async throws(StorageError) -> Position {
    let start = Position(partition: partition, number: 0)
    return try await read(orAbsent: start) { connection throws(SQLiteFailure) in
      try CheckpointTable(connection: connection).checkpoint(
        of: subscription, partition: partition)
    }
  }

  func advance(
    _ subscription: Name, to position: Position, holding lease: Lease
  ) async throws(StorageError) {
    let isHeld = try await write { group throws(SQLiteFailure) in
      try group.advance(subscription, to: position, holding: lease)
    }
    if !isHeld {
      throw StorageError(
        .fenced, "\(lease.owner) no longer holds the lease \(lease.name): its work is another's")
    }
  }

  func record(of subscription: Name, root: Root) async throws(StorageError) -> ConsumerRecord? {
    try await readInPlace(orAbsent: nil) { connection throws(SQLiteFailure) in
      try RecordTable(connection: connection).record(of: subscription, root: root)
    }
  }

  func save(
    _ record: ConsumerRecord, after previous: SequenceNumber
  ) async throws(StorageError) -> Bool {
    let size = record.value?.count ?? 0
    return try await write(byteCount: size) { group throws(SQLiteFailure) in
      try group.save(record, after: previous)
    }
  }

  func removeRecords(of subscription: Name, limit: Int) async throws(StorageError) -> Int {
    try await write { group throws(SQLiteFailure) in
      try RecordTable(connection: group.connection).remove(subscription, limit: limit)
    }
  }

  func records(
    of subscription: Name, after root: Root?, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord] {
    try await read(orAbsent: []) { connection throws(SQLiteFailure) in
      try RecordTable(connection: connection).records(of: subscription, after: root, limit: limit)
    }
  }

  func changes(
    of subscription: Name, after revision: Revision, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord] {
    try await read(orAbsent: []) { connection throws(SQLiteFailure) in
      try RecordTable(connection: connection).changes(
        of: subscription, after: revision, limit: limit)
    }
  }

  func waitForChanges(of subscription: Name, after revision: Revision) async {
    await wait(for: .changes(subscription: subscription), after: revision.rawValue)
  }

  func park(_ aggregate: ParkedAggregate) async throws(StorageError) {
    try await write { group throws(SQLiteFailure) in
      try ParkedTable(connection: group.connection).park(aggregate)
    }
  }

  func unpark(
    _ subscription: Name, root: Root, at first: SequenceNumber
  ) async throws(StorageError) {
    try await write { group throws(SQLiteFailure) in
      try ParkedTable(connection: group.connection).unpark(subscription, root: root, at: first)
    }
  }

  func parked(by subscription: Name, root: Root) async throws(StorageError) -> ParkedAggregate? {
    try await readInPlace(orAbsent: nil) { connection throws(SQLiteFailure) in
      try ParkedTable(connection: connection).parked(by: subscription, root: root)
    }
  }

  func parked(
    by subscription: Name, after root: Root?, limit: Int
  ) async throws(StorageError) -> [ParkedAggregate] {
    try await read(orAbsent: []) { connection throws(SQLiteFailure) in
      try ParkedTable(connection: connection).parked(by: subscription, after: root, limit: limit)
    }
  }

  func acquire(
    _ name: Name, owner: Name, duration: Duration
  ) async throws(StorageError) -> Lease? {
    holders.show(owner.stableHash)
    return try await write { [now, holders] group throws(SQLiteFailure) in
      // Read the clock now, because the call may have waited for long.
      let now = now()
      return try LeaseTable(connection: group.connection).acquire(
        name, owner: owner, until: now.advanced(by: duration), at: now,
        hasEnded: { holders.hasEnded($0.stableHash) })
    }
  }

  func renew(
    _ leases: [Lease], for duration: Duration
  ) async throws(StorageError) -> [Lease] {
    try await write { [now] group throws(SQLiteFailure) in
      let expiry = now().advanced(by: duration)
      let table = LeaseTable(connection: group.connection)
      var renewed: [Lease] = []
      for lease in leases where try table.renew(lease, until: expiry) { renewed.append(lease) }
      return renewed
    }
  }

  func release(_ lease: Lease) async throws(StorageError) {
    try await write { group throws(SQLiteFailure) in
      try LeaseTable(connection: group.connection).release(lease)
    }
  }

  func holding(of lease: Name) async throws(StorageError) -> LeaseHolding? {
    try await read(orAbsent: nil) { connection throws(SQLiteFailure) in
      try LeaseTable(connection: connection).holding(lease)
    }
  }
}

extension SQLiteDomain {
  func wait(for topic: Topic, after number: UInt64) async {
    await signal.wait(for: topic, after: number) { [weak self] topics in
      (try? await self?.reached(topics)) ?? [:]
    }
  }

  /// Returns the latest number of each topic, written by this process or any other.
  private func reached(_ topics: [Topic]) async throws(StorageError) -> [Topic: UInt64] {
    try await read(orAbsent: [:]) { [domain] connection throws(SQLiteFailure) in
      try connection.readConsistently { () throws(SQLiteFailure) in
        let commits = CommitTable(connection: connection, domain: domain)
        let records = RecordTable(connection: connection)
        var reached: [Topic: UInt64] = [:]
        for topic in topics {
          reached[topic] =
            switch topic {
            case .log: try commits.head().number
            case .changes(let subscription): try records.revision(of: subscription).rawValue
            }
        }
        return reached
      }
    }
  }
}
