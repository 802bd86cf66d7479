import EventModel
import Timing

/// Creates, finds, lists, moves and deletes the durable subscriptions of one domain.
///
/// Each is a record, changed by compare-and-set, so concurrent changes never overwrite each
/// other. The record outlives its subscription, so that the next one of the same name gets a
/// higher generation.
public struct SubscriptionRegistry: Sendable {
  /// The place where a subscription begins.
  public enum Start: Sendable, Equatable {
    case beginning
    case head
  }

  private let store: any DomainStore
  private let environment: Environment

  public init(_ store: any DomainStore, environment: Environment = .live) {
    self.store = store
    self.environment = environment
  }

  /// Returns nil if no subscription has this name.
  public func find(_ name: Name) async throws -> DurableSubscription? {
    guard let record = try await record(of: name) else { return nil }
    return try DurableSubscription(record)
  }

  /// Returns the subscription, and creates it if it does not exist. Throws `.precondition` if it
  /// exists with another number of lanes.
  public func open(
    _ name: Name, lanes: Int?, start: Start
  ) async throws -> DurableSubscription {
    while true {
      let record = try await record(of: name)
      if let record, let existing = try DurableSubscription(record) {
        guard lanes == nil || lanes == existing.lanes else {
          throw EventSourcingError(
            .precondition,
            "subscription \(name) of domain \(store.domain) has \(existing.lanes) lanes, not "
              + "\(lanes ?? 0): leave the number open, or move the subscription to change it")
        }
        return existing
      }
      let starts = try await starts(at: start)
      if let new = try await save(name, lanes ?? 1, starts, over: record) { return new }
    }
  }

  /// Moves a subscription: to the given positions, and in other partitions to the given start.
  /// Throws `.notFound` if it does not exist, and `.invalid` for a position beyond the log.
  @discardableResult
  public func move(
    _ name: Name, to start: Start, after positions: [Position] = [], lanes: Int? = nil
  ) async throws -> DurableSubscription {
    var starts = try await starts(at: start)
    for position in positions {
      try await check(position)
      starts[Int(position.partition)] = position.number
    }
    while true {
      let record = try await record(of: name)
      let existing = try existing(name, record)
      if let moved = try await save(name, lanes ?? existing.lanes, starts, over: record) {
        return moved
      }
    }
  }

  /// Deletes a subscription. Throws `.notFound` if it does not exist.
  public func delete(_ name: Name) async throws {
    while true {
      let record = try await record(of: name)
      var deleted = try existing(name, record).record
      deleted.value = nil
      deleted.updatedAt = environment.now()
      if try await store.save(try numbered(deleted, behind: record), after: deleted.next) { return }
    }
  }

  /// Returns subscriptions in the order of their roots, after `root`; and the root to continue
  /// after, nil at the end.
  public func list(
    after root: Root?, limit: Int
  ) async throws -> (subscriptions: [DurableSubscription], next: Root?) {
    let records = try await store.records(
      of: DurableSubscription.registryName, after: root, limit: ReadLimit(count: limit))
    let subscriptions = try records.compactMap(DurableSubscription.init)
    return (subscriptions, records.count == limit ? records.last?.root : nil)
  }

  /// A lane's checkpoint: every commit up to this number is acknowledged or left out.
  public func checkpoint(
    of lane: SubscriptionLane, of subscription: DurableSubscription
  ) async throws(StorageError) -> UInt64 {
    let stored = try await store.checkpoint(
      of: subscription.checkpointName(lane), partition: lane.partition)
    return max(stored.number, subscription.start(ofPartition: lane.partition))
  }

  private func record(of name: Name) async throws -> ConsumerRecord? {
    let record = try await store.record(
      of: DurableSubscription.registryName, root: Root(hashOf: name))
    if let record, let other = try DurableSubscription(record)?.name, other != name {
      throw EventSourcingError(
        .precondition, "subscription \(name) cannot be told from \(other): choose another name")
    }
    return record
  }

  private func check(_ position: Position) async throws {
    guard position.partition < store.partitions else {
      throw EventSourcingError(
        .invalid,
        "after names partition \(position.partition), but domain \(store.domain) has only "
          + "\(store.partitions), counted from 0")
    }
    let head = try await store.head(ofPartition: position.partition)
    guard position.number <= head.number else {
      throw EventSourcingError(
        .invalid,
        "after names position \(position), but the log of domain \(store.domain) ends at \(head)")
    }
  }

  private func existing(
    _ name: Name, _ record: ConsumerRecord?
  ) throws -> DurableSubscription {
    guard let record, let existing = try DurableSubscription(record) else {
      throw EventSourcingError(
        .notFound, "domain \(store.domain) has no subscription \(name)")
    }
    return existing
  }

  /// Returns nil if another writer was faster.
  private func save(
    _ name: Name, _ lanes: Int, _ starts: [UInt64], over record: ConsumerRecord?
  ) async throws -> DurableSubscription? {
    let new = DurableSubscription(
      name: name, lanes: lanes, starts: starts, createdAt: environment.now(), generation: 0)
    let numbered = try numbered(new.record, behind: record)
    guard try await store.save(numbered, after: record?.next ?? .first) else { return nil }
    return try DurableSubscription(numbered)
  }

  private func numbered(
    _ new: ConsumerRecord, behind record: ConsumerRecord?
  ) throws -> ConsumerRecord {
    guard let next = (record?.next ?? .first).advanced(by: 1) else {
      throw EventSourcingError(
        .exhausted, "the subscription was moved too often: choose a new name")
    }
    var numbered = new
    numbered.next = next
    return numbered
  }

  private func starts(at start: Start) async throws -> [UInt64] {
    var starts: [UInt64] = []
    for partition in 0..<store.partitions {
      starts.append(
        start == .head ? try await store.head(ofPartition: partition).number : 0)
    }
    return starts
  }
}
