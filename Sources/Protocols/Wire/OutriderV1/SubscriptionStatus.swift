import CWire
import EventModel

extension OutriderV1 {
  /// The progress of a subscription in one domain.
  public struct SubscriptionStatus: Sendable, Equatable {
    public var name: Name
    public var domain: Name
    /// Lanes of each partition.
    public var lanes: Int
    /// When it was created or last moved.
    public var createdAt: Timestamp
    public var progress: [LaneStatus]

    public init(
      name: Name, domain: Name, lanes: Int, createdAt: Timestamp, progress: [LaneStatus]
    ) {
      self.name = name
      self.domain = domain
      self.lanes = lanes
      self.createdAt = createdAt
      self.progress = progress
    }
  }

  /// The checkpoint of a lane, and the head of its partition.
  public struct LaneStatus: Sendable, Equatable {
    public var partition: UInt32
    public var lane: UInt32
    public var checkpoint: UInt64
    public var head: UInt64

    public init(partition: UInt32, lane: UInt32, checkpoint: UInt64, head: UInt64) {
      self.partition = partition
      self.lane = lane
      self.checkpoint = checkpoint
      self.head = head
    }

    /// Commits between checkpoint and head.
    public var lag: UInt64 { head - min(checkpoint, head) }
  }
}

extension OutriderV1.SubscriptionStatus {
  init(_ status: Outrider__V1__SubscriptionStatus) throws(WireError) {
    let createdAt = try Timestamp(required: "created_at", status.created_at)
    self.init(
      name: Name(text(status.name)), domain: try domainName(status.domain),
      lanes: Int(status.lanes),
      createdAt: createdAt,
      progress: elements(status.progress, status.n_progress).map { lane in
        .init(
          partition: lane.partition, lane: lane.lane, checkpoint: lane.checkpoint, head: lane.head)
      })
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__SubscriptionStatus> {
    let status = builder.make(Outrider__V1__SubscriptionStatus.self)
    status.pointee.name = builder.string(name)
    status.pointee.domain = builder.string(domain)
    status.pointee.lanes = UInt32(clamping: lanes)
    status.pointee.created_at = builder.time(createdAt)
    var made: [UnsafeMutablePointer<Outrider__V1__LaneStatus>] = []
    for lane in progress {
      let message = builder.make(Outrider__V1__LaneStatus.self)
      message.pointee.partition = lane.partition
      message.pointee.lane = lane.lane
      message.pointee.checkpoint = lane.checkpoint
      message.pointee.head = lane.head
      made.append(message)
    }
    status.pointee.n_progress = made.count
    status.pointee.progress = builder.array(made)
    return status
  }
}
