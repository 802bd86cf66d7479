import EventModel

/// A durable subscription to one domain's log, as the store keeps it.
public struct DurableSubscription: Equatable, Sendable {
  public var name: Name
  /// Lanes of each partition.
  public var lanes: Int
  /// For each partition, the number of the position behind which it began.
  public var starts: [UInt64]
  /// When it was created, or moved.
  public var createdAt: Timestamp
  /// Rises each time it is created or moved. Checkpoints, leases and seats belong to a generation,
  /// so nothing that was written for an earlier one is in force.
  public var generation: SequenceNumber

  /// Every lane, by partition.
  public var allLanes: [SubscriptionLane] {
    starts.indices.flatMap { partition in
      (0..<lanes).map { SubscriptionLane(partition: UInt32(partition), lane: UInt32($0)) }
    }
  }

  /// Where a lane is among all.
  func place(of lane: SubscriptionLane) -> Int { Int(lane.partition) * lanes + Int(lane.lane) }

  func start(ofPartition partition: UInt32) -> UInt64 { starts[Int(partition)] }

  /// Under which name a lane's checkpoints are kept; the partition is the checkpoint's own.
  func checkpointName(_ lane: SubscriptionLane) -> Name { "\(prefix)/\(lane.lane)" }

  func leaseName(_ lane: SubscriptionLane) -> Name {
    "\(prefix)/\(lane.partition)/\(lane.lane)"
  }

  /// Under which name the seats of its consumers are kept.
  var seatsName: Name { "\(prefix)/seats" }

  /// No name of a subscription holds a slash, so these names are its own.
  private var prefix: String { "$subscription/\(name)/\(generation)" }
}

// MARK: The form in which it is stored

extension DurableSubscription {
  /// Under which name a domain's subscriptions are kept, as records.
  static let registryName: Name = "$subscriptions"

  /// Nil for the record of a subscription that was deleted.
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
