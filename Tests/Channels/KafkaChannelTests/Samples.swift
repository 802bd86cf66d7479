import EventModel
import EventSourcing
import Wire

/// Commits at the positions, of three aggregates in turn.
func commits(
  _ numbers: ClosedRange<UInt64>, in domain: Name = "orders", partition: UInt32 = 0,
  bodySize: Int = 20
) -> [RecordedCommit] {
  numbers.map { number in
    let event = Payload(
      typeURL: "type.example/Ordered", value: Bytes(repeating: 1, count: bodySize))
    var pages = PageBlock(emptyAt: SequenceNumber(UInt32(number / 3)))
    pages.append(
      EventPage(
        sequence: pages.next, createdAt: Timestamp(seconds: 1, nanoseconds: 0),
        body: event.pageBody))
    return RecordedCommit(
      position: Position(partition: partition, number: number),
      commit: Commit(
        cover: Cover(domain: domain, root: root(number % 3)), id: .random(), pages: pages,
        createdAt: Timestamp(seconds: 1, nanoseconds: 0)))
  }
}

private func root(_ number: UInt64) -> Root {
  let bytes = Bytes(repeating: 7, count: 15) + [UInt8(number)]
  guard let root = Root(bytes) else { preconditionFailure("these are 16 bytes") }
  return root
}

extension MessageChannel {
  func publisher(
    of domain: Name = "orders", partition: UInt32 = 0, window: Int = 1000
  ) async throws(ChannelError) -> any ChannelPublisher {
    try await publisher(of: domain, partition: partition, window: window, blocked: { _ in })
  }

  func consumer(
    _ subscription: Name = "p", partition: UInt32 = 0, window: Int = 1000
  ) async throws(ChannelError) -> any ChannelConsumer<RecordedCommit> {
    try await consumer(of: "orders", partition: partition, for: subscription, window: window)
  }
}

extension ChannelPublisher {
  /// Waits until everything up to there is confirmed.
  func confirmation(upTo number: UInt64) async throws(ChannelError) {
    var confirmed: UInt64 = 0
    while confirmed < number { confirmed = try await confirmation(after: confirmed) }
  }

  /// What the session fails with.
  func failure() async -> ChannelError? {
    do throws(ChannelError) {
      while true { _ = try await confirmation(after: .max) }
    } catch {
      return error
    }
  }
}

extension ChannelConsumer<RecordedCommit> {
  /// The positions of the next commits until `number` has come, acknowledged.
  func positions(until number: UInt64) async throws -> [UInt64] {
    var positions: [UInt64] = []
    while !positions.contains(number) {
      let deliveries = try await deliveries()
      positions += try deliveries.map { try $0.commitNumber }
      acknowledge(deliveries.map(\.tag))
    }
    return positions
  }
}

extension CommitDelivery {
  /// The commit's position.
  var commitNumber: UInt64 {
    get throws {
      switch content {
      case .message(let commit): return commit.position.number
      case .malformed(let reason): throw ChannelError(.refused, reason)
      }
    }
  }
}

/// Each number where it came first.
func firstArrivals(_ numbers: [UInt64]) -> [UInt64] {
  var seen: Set<UInt64> = []
  return numbers.filter { seen.insert($0).inserted }
}
