import Contracts
import EventModel
import EventSourcing
import MemoryChannel
import Synchronization
import Testing
import Timing

@Suite(.timeLimit(.minutes(5))) struct RelayTests {
  private let store: any DomainStore
  private let channel = MemoryChannel()
  private let name: Name = "$relay/memory"

  init() async throws { store = try await memoryStore() }

  private func append(_ numbers: ClosedRange<Int>) async throws {
    for number in numbers {
      let aggregate = UInt8(number % 3)
      let next = try await store.next(of: root(aggregate))
      _ = try await store.append(commit(aggregate, at: next, "e\(number)"))
    }
  }

  /// Runs relays until the body comes back.
  private func running(
    _ relays: [Relay], _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup { group in
      for relay in relays { group.addTask { await relay.run() } }
      try await body()
      group.cancelAll()
    }
  }

  private func relay(
    to channel: (any MessageChannel)? = nil, over store: (any DomainStore)? = nil,
    owner: Name = "me", window: Int = 8, environment: Environment = .live,
    observe: @escaping @Sendable (SubscriptionEvent) -> Void = { _ in }
  ) -> Relay {
    var settings = RelaySettings()
    settings.windowMax = window
    settings.retryDelayMax = .milliseconds(100)
    // However slow the machine is, none is taken for dead.
    settings.leaseDuration = .seconds(3600)
    return Relay(
      to: channel ?? self.channel, store: store ?? self.store, owner: owner, settings: settings,
      environment: environment, observe: observe)
  }

  private func numbers(_ consumer: any ChannelConsumer<RecordedCommit>, _ count: Int) async throws
    -> [UInt64]
  { try await numbers(consumer) { $0.count >= count } }

  private func numbers(
    _ consumer: any ChannelConsumer<RecordedCommit>, until isEnough: ([UInt64]) -> Bool
  ) async throws -> [UInt64] {
    var numbers: [UInt64] = []
    while !isEnough(numbers) {
      for delivery in try await consumer.deliveries() {
        guard case .message(let commit) = delivery.content else { continue }
        numbers.append(commit.position.number)
        consumer.acknowledge([delivery.tag])
      }
    }
    return numbers
  }

  private func consumer() async throws -> any ChannelConsumer<RecordedCommit> {
    try await channel.consumer(of: bank, partition: 0, for: "p", window: 1000)
  }

  private func checkpoint(reaches number: UInt64) async throws {
    while try await store.checkpoint(of: name, partition: 0).number < number {
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  @Test func theLogIsPublishedInOrderAndTheCheckpointFollows() async throws {
    let consumer = try await consumer()
    try await append(1...50)
    try await running([relay()]) {
      #expect(try await numbers(consumer, 50) == Array(1...50))
      try await append(51...60)
      #expect(try await numbers(consumer, 10) == Array(51...60))
      try await checkpoint(reaches: 60)
    }
    #expect(try await store.checkpoint(of: name, partition: 0).number == 60)
  }

  @Test func aNewRelayGoesOnBehindTheCheckpoint() async throws {
    let consumer = try await consumer()
    try await append(1...5)
    try await running([relay()]) { _ = try await numbers(consumer, 5) }
    #expect(try await store.checkpoint(of: name, partition: 0).number == 5)
    try await append(6...7)
    try await running([relay(owner: "another")]) {
      let numbers = try await numbers(consumer, 2)
      #expect(numbers == [6, 7])
    }
  }

  @Test func ofTwoRelaysOnePublishes() async throws {
    let consumer = try await consumer()
    try await append(1...20)
    try await running([relay(owner: "a"), relay(owner: "b")]) {
      #expect(try await numbers(consumer, 20) == Array(1...20))
      try await append(21...30)
      #expect(try await numbers(consumer, 10) == Array(21...30))
    }
  }

  @Test func whatTheBrokerDoesNotTakeIsTriedUntilItDoes() async throws {
    let consumer = try await consumer()
    let faulty = FaultyChannel(channel, refusing: 7, times: 5)
    let health = ChannelHealth()
    try await append(1...20)
    try await running([relay(to: faulty, observe: health.note)]) {
      let numbers = try await numbers(consumer, 20)
      #expect(numbers.deduplicated == Array(1...20))
      try await checkpoint(reaches: 20)
    }
    #expect(health.changes == ["failed at 7", "recovered"])
  }

  @Test func aBrokerThatIsBackHasRecoveredAlthoughNothingIsPublished() async throws {
    let faulty = FaultyChannel(channel, awayTimes: 3)
    let health = ChannelHealth()
    try await running([relay(to: faulty, observe: health.note)]) {
      while health.changes.last != "recovered" {
        try Task.checkCancellation()
        await Task.yield()
      }
    }
    #expect(health.changes == ["failed at 0", "recovered"])
  }

  /// Nothing is left out or overtaken, and only what is not behind the checkpoint comes again.
  @Test(arguments: StoreCall.ofDomain, 1...4)
  func anyCallOfTheStoreMayFail(call: StoreCall, number: Int) async throws {
    let consumer = try await consumer()
    try await append(1...20)
    let relay = relay(
      over: InterceptedStore(store, .failing(call, at: number)), environment: .impatient)
    try await running([relay]) {
      for last: UInt64 in [20, 40] {
        let first = last - 19
        let numbers = try await numbers(consumer) { $0.contains(last) }
        #expect(numbers.drop { $0 < first }.deduplicated == Array(first...last))
        try await checkpoint(reaches: last)
        if last == 20 { try await append(21...40) }
      }
    }
  }

  @Test func nothingBehindARefusedCommitIsPublished() async throws {
    let consumer = try await consumer()
    let faulty = FaultyChannel(channel, refusing: 4, times: .max)
    try await append(1...9)
    try await running([relay(to: faulty)]) {
      #expect(try await numbers(consumer, 3) == [1, 2, 3])
      try await checkpoint(reaches: 3)
      while faulty.refusals < 3 { await Task.yield() }
    }
    #expect(try await store.checkpoint(of: name, partition: 0).number == 3)
  }
}

extension Sequence<UInt64> {
  /// Without repeats of what came before.
  fileprivate var deduplicated: [UInt64] {
    reduce(into: []) { kept, number in
      if number > kept.last ?? 0 { kept.append(number) }
    }
  }
}

/// How a relay sees its channel.
private final class ChannelHealth: Sendable {
  private let noted = Mutex<[String]>([])

  var changes: [String] { noted.withLock { $0 } }

  func note(_ event: SubscriptionEvent) {
    switch event {
    case .channelFailed(let error):
      noted.withLock { $0.append("failed at \(error.position?.number ?? 0)") }
    case .channelRecovered: noted.withLock { $0.append("recovered") }
    default: break
    }
  }
}

/// A channel that cannot be opened a number of times, and refuses one commit a number of times.
private final class FaultyChannel: MessageChannel {
  private let channel: MemoryChannel
  private let refused: UInt64
  private let remaining: Mutex<Int>
  private let away: Mutex<Int>
  private let count = Mutex(0)

  init(
    _ channel: MemoryChannel, awayTimes: Int = 0, refusing number: UInt64 = 0, times: Int = 0
  ) {
    self.channel = channel
    refused = number
    remaining = Mutex(times)
    away = Mutex(awayTimes)
  }

  var name: Name { channel.name }
  var disorder: Duration { .zero }
  var refusals: Int { count.withLock { $0 } }

  func publisher(
    of domain: Name, partition: UInt32, window: Int, blocked: @escaping @Sendable (String?) -> Void
  ) async throws(ChannelError) -> any ChannelPublisher {
    let isAway = away.withLock { away in
      defer { away = max(away - 1, 0) }
      return away > 0
    }
    if isAway { throw ChannelError(.unavailable, "the broker is away") }
    let publisher = try await channel.publisher(
      of: domain, partition: partition, window: window, blocked: blocked)
    return Publisher(publisher) { [self] number in
      guard number == refused else { return false }
      return remaining.withLock { remaining in
        guard remaining > 0 else { return false }
        remaining -= 1
        count.withLock { $0 += 1 }
        return true
      }
    }
  }

  func consumer(
    of domain: Name, partition: UInt32, for subscription: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer<RecordedCommit> {
    try await channel.consumer(
      of: domain, partition: partition, for: subscription, window: window)
  }

  func deadLetters(
    of domain: Name, partition: UInt32, for subscription: Name
  ) throws(ChannelError) -> any DeadLetters {
    try channel.deadLetters(of: domain, partition: partition, for: subscription)
  }

  func close() async { await channel.close() }

  private struct Publisher: ChannelPublisher {
    private let publisher: any ChannelPublisher
    private let refuses: @Sendable (UInt64) -> Bool

    init(_ publisher: any ChannelPublisher, refuses: @escaping @Sendable (UInt64) -> Bool) {
      self.publisher = publisher
      self.refuses = refuses
    }

    func publish(_ commits: [RecordedCommit]) async throws(ChannelError) {
      for commit in commits {
        if refuses(commit.position.number) {
          throw ChannelError(.refused, "no", position: commit.position)
        }
        try await publisher.publish([commit])
      }
    }

    func confirmation(after number: UInt64) async throws(ChannelError) -> UInt64 {
      try await publisher.confirmation(after: number)
    }

    func close() async { await publisher.close() }
  }
}
