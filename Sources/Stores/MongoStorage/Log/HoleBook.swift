import Synchronization

/// The holes of one domain's log, shared by all readers.
final class HoleBook: Sendable {
  private let watches: Mutex<[HoleWatch]>

  init(partitions: UInt32) {
    watches = Mutex((0..<partitions).map { _ in HoleWatch() })
  }

  func found(
    _ positions: Range<UInt64>, in partition: UInt32, now: ContinuousClock.Instant
  ) -> HoleWatch.Decision {
    watches.withLock { $0[Int(partition)].found(positions, now: now) }
  }

  func passed(
    _ positions: ClosedRange<UInt64>, in partition: UInt32, now: ContinuousClock.Instant
  ) {
    watches.withLock { $0[Int(partition)].passed(positions, now: now) }
  }

  /// Records the latency of an insert.
  func learn(_ latency: Duration) {
    watches.withLock { watches in
      for index in watches.indices { watches[index].learn(latency) }
    }
  }
}
