import EventModel
import Synchronization

/// The lanes of a domain that a consumer holds, with one delivery for each partition.
final class ConsumerLanes: Sendable {
  private let deliveries = Mutex<[UInt32: PartitionDelivery]>([:])

  /// The lease of each lane, including lanes that are being given away.
  var held: [SubscriptionLane: Lease] {
    collected { partition, delivery in
      delivery.leases.map { (SubscriptionLane(partition: partition, lane: $0.key), $0.value) }
    }
  }

  /// The lanes that are being given away.
  var retiring: Set<SubscriptionLane> {
    Set(
      collected { partition, delivery in
        delivery.retiring.map { (SubscriptionLane(partition: partition, lane: $0), ()) }
      }.keys)
  }

  /// Nil if the consumer never had a lane of the partition.
  func delivery(of partition: UInt32) -> PartitionDelivery? {
    deliveries.withLock { $0[partition] }
  }

  func add(_ delivery: PartitionDelivery, of partition: UInt32) {
    deliveries.withLock { $0[partition] = delivery }
  }

  /// Saves each lane's checkpoint and releases its lease.
  func leaveAll() async {
    await withTaskGroup { group in
      for (lane, lease) in held {
        let delivery = delivery(of: lane.partition)
        group.addTask { await delivery?.leave(lane.lane, holding: lease, patience: .zero) }
      }
    }
  }

  private func collected<Value>(
    _ values: (UInt32, PartitionDelivery) -> [(SubscriptionLane, Value)]
  ) -> [SubscriptionLane: Value] {
    let deliveries = deliveries.withLock(\.self)
    return Dictionary(uniqueKeysWithValues: deliveries.flatMap(values))
  }
}
