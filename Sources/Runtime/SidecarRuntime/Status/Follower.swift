import EventModel
import EventSourcing
import Wire

/// A consumer of one partition of a domain's log, and where to find its progress.
struct Follower: Sendable {
  let kind: OutriderV1.FollowerStatus.Kind
  let name: Name
  let partition: UInt32
  let store: any ConsumerStore
  /// The name of the active consumer's lease; nil: there are several.
  let lease: Name?
  /// True if its parked aggregates are looked up here.
  let parks: Bool
  /// The agenda of its later work; nil: it has none.
  let agenda: Name?
  /// Everything up to here is handled or parked.
  let checkpoint: @Sendable () async throws -> UInt64

  /// One for each partition.
  static func each(
    of store: any ConsumerStore, _ follower: (_ partition: UInt32) -> Follower
  ) -> [Follower] {
    (0..<store.partitions).map(follower)
  }

  /// A projector, a saga, a relay, or a carrier of dispatched commands.
  init(
    _ kind: OutriderV1.FollowerStatus.Kind, _ name: Name, partition: UInt32,
    in store: any ConsumerStore, agenda: Name? = nil
  ) {
    self.kind = kind
    self.name = name
    self.partition = partition
    self.store = store
    lease = "\(name)/\(partition)"
    // All partitions share them.
    parks = kind != .relay && partition == 0
    self.agenda = agenda
    checkpoint = { try await store.checkpoint(of: name, partition: partition).number }
  }

  /// An intake of commands from a channel. It has no checkpoint in a log; the broker keeps its
  /// offset.
  init(intake name: Name, in store: any ConsumerStore) {
    (kind, self.name, partition, self.store) = (.carrier, name, 0, store)
    (lease, parks, agenda) = (nil, false, nil)
    checkpoint = { try await store.head(ofPartition: 0).number }
  }

  /// A durable subscription.
  init(_ subscription: DurableSubscription, partition: UInt32, in store: any DomainStore) {
    kind = .subscription
    name = subscription.name
    self.partition = partition
    self.store = store
    (lease, parks, agenda) = (nil, false, nil)
    checkpoint = {
      let registry = SubscriptionRegistry(store)
      var lowest = UInt64.max
      for lane in subscription.allLanes where lane.partition == partition {
        lowest = min(lowest, try await registry.checkpoint(of: lane, of: subscription))
      }
      return lowest
    }
  }
}
