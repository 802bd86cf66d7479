import EventModel
import EventSourcing
import Wire

/// A consumer of one partition of a domain's log, as far as it is known what to look for.
struct Follower: Sendable {
  let kind: OutriderV1.FollowerStatus.Kind
  let name: Name
  let partition: UInt32
  let store: any ConsumerStore
  /// Under which name the active consumer holds its lease; nil: there are several.
  let lease: Name?
  /// Whether what it refuses is set aside, and is to be looked up here.
  let parks: Bool
  /// Where it enters what is to be done later; nil: it enters nothing there.
  let agenda: Name?
  /// Everything up to there is handled, or parked.
  let checkpoint: @Sendable () async throws -> UInt64

  /// A projector, a saga, a relay, or what carries out dispatched commands.
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

  /// What takes commands from a channel. It has no place in a log; the broker knows how far it is.
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
