import EventModel
import EventSourcing
import Synchronization

/// A call that a storage port takes.
public enum StoreCall: String, CaseIterable, Sendable {
  case domain, domains
  case append, bar, next, load, commits, conclusion, log, head, lastCommit, waitForLog, roots
  case effects
  case checkpoint, advance, record, save, removeRecords, records, changes, waitForChanges
  case park, unpark, parked, listParked, acquire, renew, release, holding
  case enter, strike, entries, agendas

  /// Those of a domain's store.
  public static let ofDomain = allCases.filter { $0 != .domain && $0 != .domains }
}

/// Counts the calls of a store, and lets a test act before each: fail, wait, make another call.
public final class StoreCalls: Sendable {
  /// `count` is how often this very call was made, from 1. A failure of a call that cannot fail,
  /// such as waiting, has no effect.
  public typealias Action =
    @Sendable (_ call: StoreCall, _ count: Int) async throws(StorageError) -> Void

  private let action: Action
  private let counts = Mutex<[StoreCall: Int]>([:])

  public init(_ action: @escaping Action = { _, _ in }) { self.action = action }

  /// Fails one call once, as if the store were away for a moment.
  public static func failing(_ call: StoreCall, at number: Int) -> StoreCalls {
    StoreCalls { made, count throws(StorageError) in
      if made == call, count == number {
        throw StorageError(.unavailable, "\(call) failed on request")
      }
    }
  }

  /// Runs a scenario once for each time that it makes the call, and fails the call that time.
  ///
  /// - Parameter max: times at most; some calls are made as long as a scenario runs.
  public static func failing(
    each call: StoreCall, upTo max: Int = 8, _ scenario: (StoreCalls) async throws -> Void
  ) async throws {
    for number in 1...max {
      let calls = failing(call, at: number)
      try await scenario(calls)
      if calls.count(of: call) < number { return }
    }
  }

  public func count(of call: StoreCall) -> Int { counts.withLock { $0[call, default: 0] } }

  func note(_ call: StoreCall) async throws(StorageError) {
    let count = counts.withLock { counts in
      counts[call, default: 0] += 1
      return counts[call, default: 0]
    }
    try await action(call, count)
  }
}

/// A storage whose calls, and those of its domains, are noted by `calls` first.
public struct InterceptedStorage: Storage {
  private let storage: any Storage
  private let calls: StoreCalls

  public init(_ storage: any Storage, _ calls: StoreCalls) {
    self.storage = storage
    self.calls = calls
  }

  public func domain(_ name: Name) async throws(StorageError) -> any DomainStore {
    try await calls.note(.domain)
    return InterceptedStore(try await storage.domain(name), calls)
  }

  public func exists(_ name: Name) async throws(StorageError) -> Bool {
    try await storage(.domains).exists(name)
  }

  public func domains() async throws(StorageError) -> [Name] {
    try await storage(.domains).domains()
  }

  public func probe() async throws(StorageError) -> StorageCondition {
    try await storage(.domains).probe()
  }

  public func close() async { await storage.close() }

  /// The storage, once the call is noted.
  private func storage(_ call: StoreCall) async throws(StorageError) -> any Storage {
    try await calls.note(call)
    return storage
  }
}

/// A store whose calls are noted by `calls` first.
public struct InterceptedStore: DomainStore {
  private let store: any DomainStore
  private let calls: StoreCalls

  public init(_ store: any DomainStore, _ calls: StoreCalls) {
    self.store = store
    self.calls = calls
  }

  public var domain: Name { store.domain }
  public var partitions: UInt32 { store.partitions }

  // MARK: EventStore

  public func append(_ commit: Commit) async throws(StorageError) -> AppendOutcome {
    try await store(.append).append(commit)
  }

  public func bar(
    _ commandID: String, of root: Root, as end: EndWithoutEvents
  ) async throws(StorageError) -> CommandConclusion {
    try await store(.bar).bar(commandID, of: root, as: end)
  }

  public func next(of root: Root) async throws(StorageError) -> SequenceNumber {
    try await store(.next).next(of: root)
  }

  public func load(_ root: Root) async throws(StorageError) -> Aggregate {
    try await store(.load).load(root)
  }

  public func snapshot(of root: Root) async throws(StorageError) -> Snapshot? {
    try await store(.load).snapshot(of: root)
  }

  public func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await store(.commits).commits(of: root, from: lower, limit: limit)
  }

  public func conclusion(
    of root: Root, commandID: String
  ) async throws(StorageError) -> CommandConclusion? {
    try await store(.conclusion).conclusion(of: root, commandID: commandID)
  }

  public func log(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await store(.log).log(after: position, limit: limit)
  }

  public func head(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    try await store(.head).head(ofPartition: partition)
  }

  public func lastCommit(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    try await store(.lastCommit).lastCommit(ofPartition: partition)
  }

  public func waitForLog(after position: Position) async {
    try? await calls.note(.waitForLog)
    await store.waitForLog(after: position)
  }

  public func roots(after root: Root?, limit: Int) async throws(StorageError) -> [Root] {
    try await store(.roots).roots(after: root, limit: limit)
  }

  public func effects(
    of causes: [EventRange], after last: RecordedCommit?, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await store(.effects).effects(of: causes, after: last, limit: limit)
  }

  // MARK: Subscriptions

  public func checkpoint(
    of subscription: Name, partition: UInt32
  ) async throws(StorageError) -> Position {
    try await store(.checkpoint).checkpoint(of: subscription, partition: partition)
  }

  public func advance(
    _ subscription: Name, to position: Position, holding lease: Lease
  ) async throws(StorageError) {
    try await store(.advance).advance(subscription, to: position, holding: lease)
  }

  public func record(
    of subscription: Name, root: Root
  ) async throws(StorageError) -> ConsumerRecord? {
    try await store(.record).record(of: subscription, root: root)
  }

  public func save(
    _ record: ConsumerRecord, after previous: SequenceNumber
  ) async throws(StorageError) -> Bool {
    try await store(.save).save(record, after: previous)
  }

  public func removeRecords(
    of subscription: Name, limit: Int
  ) async throws(StorageError) -> Int {
    try await store(.removeRecords).removeRecords(of: subscription, limit: limit)
  }

  public func records(
    of subscription: Name, after root: Root?, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord] {
    try await store(.records).records(of: subscription, after: root, limit: limit)
  }

  public func changes(
    of subscription: Name, after revision: Revision, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord] {
    try await store(.changes).changes(of: subscription, after: revision, limit: limit)
  }

  public func waitForChanges(of subscription: Name, after revision: Revision) async {
    try? await calls.note(.waitForChanges)
    await store.waitForChanges(of: subscription, after: revision)
  }

  public func park(_ aggregate: ParkedAggregate) async throws(StorageError) {
    try await store(.park).park(aggregate)
  }

  public func unpark(
    _ subscription: Name, root: Root, at first: SequenceNumber
  ) async throws(StorageError) {
    try await store(.unpark).unpark(subscription, root: root, at: first)
  }

  public func parked(
    by subscription: Name, root: Root
  ) async throws(StorageError) -> ParkedAggregate? {
    try await store(.parked).parked(by: subscription, root: root)
  }

  public func parked(
    by subscription: Name, after root: Root?, limit: Int
  ) async throws(StorageError) -> [ParkedAggregate] {
    try await store(.listParked).parked(by: subscription, after: root, limit: limit)
  }

  public func acquire(
    _ name: Name, owner: Name, duration: Duration
  ) async throws(StorageError) -> Lease? {
    try await store(.acquire).acquire(name, owner: owner, duration: duration)
  }

  public func renew(
    _ leases: [Lease], for duration: Duration
  ) async throws(StorageError) -> [Lease] {
    try await calls.note(.renew)
    return try await store.renew(leases, for: duration)
  }

  public func release(_ lease: Lease) async throws(StorageError) {
    try await store(.release).release(lease)
  }

  public func holding(of lease: Name) async throws(StorageError) -> LeaseHolding? {
    try await store(.holding).holding(of: lease)
  }

  public func enter(_ entries: [AgendaEntry]) async throws(StorageError) {
    try await store(.enter).enter(entries)
  }

  public func strike(_ keys: [AgendaKey], from agenda: Name) async throws(StorageError) {
    try await store(.strike).strike(keys, from: agenda)
  }

  public func entries(
    of agenda: Name, after last: AgendaPlace?, dueBy time: Timestamp?, limit: Int
  ) async throws(StorageError) -> [AgendaEntry] {
    try await store(.entries).entries(of: agenda, after: last, dueBy: time, limit: limit)
  }

  public func agendas() async throws(StorageError) -> [Name] {
    try await store(.agendas).agendas()
  }

  /// The store, once the call is noted.
  private func store(_ call: StoreCall) async throws(StorageError) -> any DomainStore {
    try await calls.note(call)
    return store
  }
}
