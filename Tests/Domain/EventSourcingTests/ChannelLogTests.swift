import EventModel
import EventSourcing
import MemoryChannel
import MemoryStorage
import Synchronization
import Testing

/// A projector with a store of its own, fed by a channel.
@Suite(.timeLimit(.minutes(5))) struct ChannelLogTests {
  private let events: any DomainStore
  private let own: any DomainStore
  private let channel = MemoryChannel()

  init() async throws {
    events = try await memoryStore()
    own = try await memoryStore()
  }

  private var store: SplitStore { SplitStore(history: events, progress: own) }

  private func append(_ numbers: ClosedRange<Int>) async throws {
    for number in numbers {
      let aggregate = UInt8(number % 3)
      let next = try await events.next(of: root(aggregate))
      _ = try await events.append(commit(aggregate, at: next, "\(number)."))
    }
  }

  private func publish(_ numbers: [Int]) async throws {
    let publisher = try await channel.publisher(
      of: bank, partition: 0, window: 100, blocked: { _ in })
    let log = try await events.log(after: Position(number: 0), limit: ReadLimit())
    for number in numbers {
      try await publisher.publish(log.filter { $0.position.number == UInt64(number) })
    }
  }

  private func text(of aggregate: UInt8) async throws -> String {
    let record = try await own.record(of: "p", root: root(aggregate))
    return String(decoding: record?.value ?? [], as: UTF8.self)
  }

  /// The texts of the events of `numbers` that belong to the aggregate.
  private func expected(_ aggregate: Int, _ numbers: ClosedRange<Int>) -> String {
    numbers.filter { $0 % 3 == aggregate }.map { "\($0)." }.joined()
  }

  /// Runs the projector until it has handled the log up to a position.
  private func project(
    upTo number: UInt64, silence: Duration = .milliseconds(10),
    _ logic: any ProjectorLogic = ConcatenatingProjector(),
    observe: @escaping @Sendable (SubscriptionEvent) -> Void = { _ in },
    meanwhile: @escaping @Sendable () async throws -> Void = {}
  ) async throws {
    var settings = ChannelLogSettings()
    settings.silenceMin = silence
    settings.silenceMax = silence
    let log = ChannelLog(
      of: channel, history: events, for: "p", settings: settings, observe: observe)
    let subscription = Subscription(
      consumer: Projector(name: "p", store: store, logic: logic), store: store, from: log,
      owner: "me", observe: observe)
    try await withThrowingTaskGroup { group in
      group.addTask { await subscription.run() }
      try await meanwhile()
      while try await own.checkpoint(of: "p", partition: 0).number < number {
        try Task.checkCancellation()
        await Task.yield()
      }
      group.cancelAll()
    }
  }

  private func expectEverything(_ numbers: ClosedRange<Int>) async throws {
    for aggregate in 0..<3 {
      #expect(try await text(of: UInt8(aggregate)) == expected(aggregate, numbers))
    }
  }

  @Test func whatTheChannelBringsIsProjected() async throws {
    _ = try await channel.consumer(of: bank, partition: 0, for: "p", window: 1)
    try await append(1...30)
    try await publish(Array(1...30))
    try await project(upTo: 30, silence: .seconds(3600))
    try await expectEverything(1...30)
  }

  @Test func whatTheChannelLeavesOutIsReadFromTheLog() async throws {
    _ = try await channel.consumer(of: bank, partition: 0, for: "p", window: 1)
    try await append(1...30)
    try await publish([5, 6, 20, 29, 30])
    try await project(upTo: 30, silence: .seconds(3600))
    try await expectEverything(1...30)
  }

  @Test func repeatsAndDisorderChangeNothing() async throws {
    _ = try await channel.consumer(of: bank, partition: 0, for: "p", window: 1)
    try await append(1...12)
    try await publish([1, 2, 1, 2, 3, 6, 5, 4, 3, 7, 12, 8, 9, 11, 10, 12])
    try await project(upTo: 12, silence: .seconds(3600))
    try await expectEverything(1...12)
  }

  @Test func aChannelThatBringsNothingHidesNothing() async throws {
    try await append(1...30)
    try await project(upTo: 30)
    try await expectEverything(1...30)
  }

  @Test func everythingIsAcknowledgedOnceItIsHandled() async throws {
    let before = try await channel.consumer(of: bank, partition: 0, for: "p", window: 1)
    try await append(1...10)
    try await publish(Array(1...10))
    try await project(upTo: 10, silence: .seconds(3600))
    try await append(11...11)
    try await publish([11])
    await before.close()
    let after = try await channel.consumer(of: bank, partition: 0, for: "p", window: 100)
    let numbers = try await after.deliveries().map { delivery -> UInt64 in
      if case .message(let commit) = delivery.content { commit.position.number } else { 0 }
    }
    #expect(numbers == [11])
  }

  @Test func aMessageThatIsNoneIsADeadLetterAndStopsNothing() async throws {
    channel.put(malformed: "nonsense", into: "p", of: bank)
    try await append(1...5)
    try await publish(Array(1...5))
    let reasons = Mutex<[String]>([])
    try await project(upTo: 5, silence: .seconds(3600)) { event in
      if case .setAside(let reason) = event { reasons.withLock { $0.append(reason) } }
    }
    #expect(reasons.withLock { $0 } == ["nonsense"])
    let letters = try channel.deadLetters(of: bank, partition: 0, for: "p")
    #expect(try await letters.list(limit: ReadLimit()).letters.map(\.reason) == ["nonsense"])
    try await expectEverything(1...5)
  }

  @Test func anAggregateThatIsStuckHoldsNoDeliveries() async throws {
    _ = try await channel.consumer(of: bank, partition: 0, for: "p", window: 1)
    try await append(1...30)
    try await publish(Array(1...30))
    let isAway = Mutex(true)
    let logic = ConcatenatingProjector { book, _ in
      isAway.withLock { $0 } && book.cover.root == root(1) ? .unavailable("away") : nil
    }
    try await project(
      upTo: 30, silence: .seconds(3600), logic,
      meanwhile: {
        for aggregate in [0, 2] as [UInt8] {
          while try await text(of: aggregate) != expected(Int(aggregate), 1...30) {
            await Task.yield()
          }
        }
        #expect(try await own.checkpoint(of: "p", partition: 0).number < 30)
        isAway.withLock { $0 = false }
      })
    try await expectEverything(1...30)
  }
}
