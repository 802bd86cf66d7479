import EventModel
import EventSourcing
import Synchronization

/// A message channel in memory, for tests.
public final class MemoryChannel: MessageChannel {
  struct Key: Hashable {
    let domain: Name
    let partition: UInt32
  }

  public let name: Name = "memory"
  public let disorder = Duration.zero
  private let queues = Mutex<[Key: [Name: MemoryQueue<RecordedCommit>]]>([:])

  public init() {}

  public func publisher(
    of domain: Name, partition: UInt32, window: Int,
    blocked: @escaping @Sendable (String?) -> Void
  ) async throws(ChannelError) -> any ChannelPublisher {
    MemoryPublisher { [self] commits in
      let key = Key(domain: domain, partition: partition)
      for queue in queues.withLock({ Array($0[key, default: [:]].values) }) {
        queue.put(commits.map { .message($0) })
      }
    }
  }

  public func consumer(
    of domain: Name, partition: UInt32, for subscription: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer<RecordedCommit> {
    let queue = queue(of: domain, partition: partition, for: subscription)
    return MemoryConsumer(of: queue, window: window)
  }

  /// Puts a malformed message into a subscription's queue.
  public func put(
    malformed reason: String, into subscription: Name, of domain: Name, partition: UInt32 = 0
  ) {
    queue(of: domain, partition: partition, for: subscription).put([.malformed(reason)])
  }

  public func deadLetters(
    of domain: Name, partition: UInt32, for subscription: Name
  ) throws(ChannelError) -> any DeadLetters {
    queue(of: domain, partition: partition, for: subscription)
  }

  private func queue(
    of domain: Name, partition: UInt32, for subscription: Name
  ) -> MemoryQueue<RecordedCommit> {
    let key = Key(domain: domain, partition: partition)
    return queues.withLock { queues in
      let queue = queues[key, default: [:]][subscription] ?? MemoryQueue<RecordedCommit>()
      queues[key, default: [:]][subscription] = queue
      return queue
    }
  }

  public func close() async {
    let all = queues.withLock { $0.values.flatMap(\.values) }
    for queue in all { queue.close() }
  }
}

/// Confirms every commit at once.
private final class MemoryPublisher: ChannelPublisher {
  private let put: @Sendable ([RecordedCommit]) -> Void
  private let (confirmations, confirm) = AsyncStream<UInt64>.makeStream(
    bufferingPolicy: .bufferingNewest(1))

  init(_ put: @escaping @Sendable ([RecordedCommit]) -> Void) { self.put = put }

  func publish(_ commits: [RecordedCommit]) async throws(ChannelError) {
    put(commits)
    if let last = commits.last { confirm.yield(last.position.number) }
  }

  func confirmation(after number: UInt64) async throws(ChannelError) -> UInt64 {
    for await confirmed in confirmations where confirmed > number { return confirmed }
    throw ChannelError(.unavailable, "the publisher was closed")
  }

  func close() async { confirm.finish() }
}
