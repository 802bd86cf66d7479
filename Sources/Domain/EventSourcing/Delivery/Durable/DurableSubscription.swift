import EventModel

/// A durable subscription to one domain's log, as stored.
public struct DurableSubscription: Equatable, Sendable {
  public var name: Name
  /// Lanes of each partition.
  public var lanes: Int
  /// For each partition, the number of the position after which the subscription begins.
  public var starts: [UInt64]
  /// The time of its creation or last move.
  public var createdAt: Timestamp
  /// Increases each time the subscription is created or moved. Checkpoints, leases and seats
  /// belong to a generation, so those of earlier generations have no effect.
  public var generation: SequenceNumber

  /// Every lane, by partition.
  public var allLanes: [SubscriptionLane] {
    starts.indices.flatMap { partition in
      (0..<lanes).map { SubscriptionLane(partition: UInt32(partition), lane: UInt32($0)) }
    }
  }

  /// A lane's index among all lanes.
  func place(of lane: SubscriptionLane) -> Int { Int(lane.partition) * lanes + Int(lane.lane) }

  func start(ofPartition partition: UInt32) -> UInt64 { starts[Int(partition)] }

  /// The name of a lane's checkpoints; each checkpoint includes the partition.
  func checkpointName(_ lane: SubscriptionLane) -> Name { "\(prefix)/\(lane.lane)" }

  func leaseName(_ lane: SubscriptionLane) -> Name {
    "\(prefix)/\(lane.partition)/\(lane.lane)"
  }

  /// The name of the records of its consumers' seats.
  var seatsName: Name { "\(prefix)/seats" }

  /// Names of subscriptions contain no slash, so these names never collide.
  private var prefix: String { "$subscription/\(name)/\(generation)" }
}

// MARK: Stored form

extension DurableSubscription {
  /// The name of the records that hold a domain's subscriptions.
  static let registryName: Name = "$subscriptions"

  /// Nil if the record's subscription was deleted.
  init?(_ record: ConsumerRecord) throws(StorageError) {
    guard let value = record.value else { return nil }
    guard let content = RecordValue.content(of: value), content.count >= 3, content[0] == 1 else {
      throw StorageError(
        .incompatible,
        "a subscription is stored in a form that this version of Outrider does not know: "
          + "use the version that wrote it")
    }
    let name = content[3...].prefix(Int(content[2]))
    let starts = Bytes(content[3...].dropFirst(Int(content[2])))
    self.init(
      name: Name(String(decoding: name, as: UTF8.self)), lanes: max(1, Int(content[1])),
      starts: RecordValue.numbers(in: starts), createdAt: record.updatedAt,
      generation: record.next)
  }

  var record: ConsumerRecord {
    var content: Bytes = [1, UInt8(clamping: lanes), UInt8(clamping: name.utf8.count)]
    content += name.utf8
    content += RecordValue.bytes(of: starts)
    return ConsumerRecord(
      subscription: Self.registryName, root: Root(hashOf: name), next: generation,
      value: RecordValue.value(of: content), updatedAt: createdAt)
  }
}
