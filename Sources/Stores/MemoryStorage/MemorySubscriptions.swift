import EventModel
import EventSourcing

/// The state of one domain's consumers. A value, guarded by `MemoryDomain`.
struct MemorySubscriptions {
  private struct Holding {
    var lease: Lease
    /// Nil if released: only the token is kept, so that the next one is higher.
    var expiry: Timestamp?
  }

  private var checkpoints: [Name: [UInt32: Position]] = [:]
  private var records: [Name: [Root: ConsumerRecord]] = [:]
  private var lastRevision: Revision = 0
  private var parked: [Name: [Root: ParkedAggregate]] = [:]
  private var leases: [Name: Holding] = [:]

  // MARK: Checkpoints

  func checkpoint(of subscription: Name, partition: UInt32) -> Position {
    checkpoints[subscription]?[partition] ?? Position(partition: partition, number: 0)
  }

  mutating func advance(
    _ subscription: Name, to position: Position, holding lease: Lease
  ) throws(StorageError) {
    guard let holding = leases[lease.name], holding.expiry != nil, holding.lease == lease else {
      throw StorageError(
        .fenced, "\(lease.owner) no longer holds the lease \(lease.name): its work is another's")
    }
    let before = checkpoint(of: subscription, partition: position.partition)
    if before.number < position.number {
      checkpoints[subscription, default: [:]][position.partition] = position
    }
  }

  // MARK: Records

  func record(of subscription: Name, root: Root) -> ConsumerRecord? {
    records[subscription]?[root]
  }

  mutating func save(_ record: ConsumerRecord, after previous: SequenceNumber) -> Bool {
    let stored = records[record.subscription]?[record.root]?.next ?? .first
    guard stored == previous else { return false }
    lastRevision = lastRevision.next
    var saved = record
    saved.revision = lastRevision
    records[record.subscription, default: [:]][record.root] = saved
    return true
  }

  mutating func removeRecords(of subscription: Name, limit: Int) -> Int {
    let removed = (records[subscription] ?? [:]).keys.prefix(limit)
    for root in removed { records[subscription]?[root] = nil }
    return removed.count
  }

  func records(of subscription: Name, after root: Root?, limit: ReadLimit) -> [ConsumerRecord] {
    let behind = (records[subscription] ?? [:]).values.filter { record in
      root.map { record.root > $0 } ?? true
    }
    return portion(of: behind.sorted { $0.root < $1.root }, limit)
  }

  func changes(of subscription: Name, after revision: Revision, limit: ReadLimit)
    -> [ConsumerRecord]
  {
    let changed = (records[subscription] ?? [:]).values.filter { $0.revision > revision }
    return portion(of: changed.sorted { $0.revision < $1.revision }, limit)
  }

  private func portion(of records: [ConsumerRecord], _ limit: ReadLimit) -> [ConsumerRecord] {
    var portion = Portion<ConsumerRecord>(limit)
    for record in records where !portion.take(record) { break }
    return portion.entries
  }

  /// The subscription's latest revision; 0 if it has no records.
  func revision(of subscription: Name) -> Revision {
    records[subscription]?.values.lazy.map(\.revision).max() ?? 0
  }

  // MARK: Parked aggregates

  mutating func park(_ aggregate: ParkedAggregate) {
    parked[aggregate.subscription, default: [:]][aggregate.root] = aggregate
  }

  mutating func unpark(_ subscription: Name, root: Root, at first: SequenceNumber) {
    guard parked[subscription]?[root]?.firstSequence == first else { return }
    parked[subscription]?[root] = nil
  }

  func parked(by subscription: Name, root: Root) -> ParkedAggregate? {
    parked[subscription]?[root]
  }

  func parked(by subscription: Name, after root: Root?, limit: Int) -> [ParkedAggregate] {
    let behind = (parked[subscription] ?? [:]).values.filter { aggregate in
      root.map { aggregate.root > $0 } ?? true
    }
    return Array(behind.sorted { $0.root < $1.root }.prefix(limit))
  }

  // MARK: Leases

  mutating func acquire(
    _ name: Name, owner: Name, until expiry: Timestamp, at now: Timestamp
  ) -> Lease? {
    let held = leases[name]
    let isRenewal = held?.expiry != nil && held?.lease.owner == owner
    if let end = held?.expiry, end > now, !isRenewal { return nil }
    let token = held?.lease.token ?? 0
    let lease = Lease(name: name, owner: owner, token: isRenewal ? token : token + 1)
    leases[name] = Holding(lease: lease, expiry: expiry)
    return lease
  }

  /// Returns false if another owner has the lease, or it was released.
  mutating func renew(_ lease: Lease, until expiry: Timestamp) -> Bool {
    guard let held = leases[lease.name], held.lease == lease, held.expiry != nil else {
      return false
    }
    leases[lease.name]?.expiry = expiry
    return true
  }

  mutating func release(_ lease: Lease) {
    if leases[lease.name]?.lease == lease { leases[lease.name]?.expiry = nil }
  }

  func holding(of lease: Name) -> LeaseHolding? {
    leases[lease].map { held in
      LeaseHolding(
        owner: held.expiry == nil ? nil : held.lease.owner, token: held.lease.token,
        expiry: held.expiry ?? Timestamp(seconds: 0))
    }
  }
}
