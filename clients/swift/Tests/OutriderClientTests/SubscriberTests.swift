import FoundationEssentials
import OutriderClient
import Synchronization
import Testing
import Timing

@testable import ReadmeBank

/// Event handlers. Each test has a bank of its own.
@Suite(.timeLimit(.minutes(5))) struct SubscriberTests {
  private let bank = Bank()

  /// Runs a subscriber as long as `body` runs. Throws what ends it otherwise.
  private func running<Result: Sendable>(
    _ subscriber: Subscriber, _ body: () async throws -> Result
  ) async throws -> Result {
    let task = Task { try await subscriber.run() }
    let result: Result
    do { result = try await body() } catch {
      task.cancel()
      throw error
    }
    task.cancel()
    try await task.value
    return result
  }

  /// What handlers put in, for a test to wait for.
  private final class Collected<Element: Sendable>: Sendable {
    private let elements = Watched<[Element]>([])

    func put(_ element: Element) { elements.change { $0.append(element) } }

    func take(_ count: Int) async throws -> [Element] {
      let taken = await elements.wait { elements -> [Element]? in
        guard elements.count >= count else { return nil }
        defer { elements.removeFirst(count) }
        return Array(elements.prefix(count))
      }
      return try #require(taken)
    }
  }

  private func subscriber(_ name: String = "welcome") -> Subscriber {
    Subscriber(name, to: ["bank"], at: bank.connection)
  }

  @Test func eventsOfAnAggregateComeInOrder() async throws {
    var roots: [UUID] = []
    for _ in 0..<5 { roots.append(try await bank.open(1, 2, 3)) }
    let came = Collected<(root: UUID, sequence: UInt32, cents: Int)>()
    let subscriber = subscriber().on(DepositReceived.self) { received, event in
      came.put((event.root, event.sequence, received.cents))
    }
    let events = try await running(subscriber) { try await came.take(15) }
    for root in roots {
      let own = events.filter { $0.root == root }
      #expect(own.map(\.sequence) == [1, 2, 3])
      #expect(own.map(\.cents) == [1, 2, 3])
    }
  }

  @Test func handlerIsToldWhatIsKnownOfItsEvent() async throws {
    let stored = try await bank.accounts.create(
      OpenAccount(owner: "Ann"), commandID: "c1", headers: ["user": "teller"])
    let came = Collected<Event>()
    let subscriber = subscriber().on(AccountOpened.self) { _, event in came.put(event) }
    let event = try await running(subscriber) { try await came.take(1)[0] }
    #expect(event.domain == "bank")
    #expect(event.root == stored.root)
    #expect(event.sequence == 0)
    #expect(event.commandID == "c1")
    #expect(event.correlation == "c1")
    #expect(event.headers == ["user": "teller"])
    #expect(event.position == stored.position)
    #expect(event.createdAt != nil)
    #expect(event.subscription == "welcome")
  }

  @Test func acknowledgedEventsDoNotComeAgain() async throws {
    let came = Collected<UUID>()
    let subscriber = subscriber().on(AccountOpened.self) { _, event in came.put(event.root) }
    let first = try await bank.open()
    #expect(try await running(subscriber) { try await came.take(1) } == [first])
    let second = try await bank.open()
    #expect(try await running(subscriber) { try await came.take(1) } == [second])
  }

  @Test func failedHandlerIsCalledAgainAndOthersGoOn() async throws {
    struct Away: Error {}
    let (failing, other) = (try await bank.open(1, 2), try await bank.open())
    let came = Collected<UInt32>()
    let tries = Mutex<[UInt32: Int]>([:])
    let otherCame = Mutex(false)
    @Sendable func take(_ event: Event) throws {
      if event.root == other { otherCame.withLock { $0 = true } }
      guard event.root == failing else { return }
      let count = tries.withLock {
        $0[event.sequence, default: 0] += 1
        return $0[event.sequence, default: 0]
      }
      if event.sequence == 0, count < 3 || !otherCame.withLock(\.self) { throw Away() }
      came.put(event.sequence)
    }
    let subscriber = Subscriber("welcome", to: ["bank"], at: bank.connection, workers: 1)
      .on(AccountOpened.self) { _, event in try take(event) }
      .on(DepositReceived.self) { _, event in try take(event) }
    #expect(try await running(subscriber) { try await came.take(3) } == [0, 1, 2])
    let count = tries.withLock(\.self)
    #expect(try #require(count[0]) > 2)
    #expect([count[1], count[2]] == [1, 1])
  }

  @Test func handlerAtWorkEndsBeforeTheSubscriberDoes() async throws {
    let root = try await bank.open()
    let (began, mayEnd) = (Collected<Void>(), Collected<Void>())
    let came = Collected<UUID>()
    let subscriber = subscriber().on(AccountOpened.self) { _, event in
      began.put(())
      _ = try await mayEnd.take(1)
      came.put(event.root)
    }
    let task = Task { try await subscriber.run() }
    _ = try await began.take(1)
    task.cancel()
    mayEnd.put(())
    try await task.value
    #expect(try await came.take(1) == [root])
    // What it did is acknowledged.
    let second = try await bank.open()
    mayEnd.put(())
    #expect(try await running(subscriber) { try await came.take(1) } == [second])
  }

  @Test func updateByTriggerHappensOnceHoweverOftenTheEventComes() async throws {
    struct Killed: Error {}
    let root = try await bank.open()
    let (bank, came) = (bank, Collected<Bool>())
    let isFirst = Mutex(true)
    let subscriber = subscriber().on(AccountOpened.self) { _, event in
      let stored = try await bank.accounts.update(
        event.root, ReceiveDeposit(cents: 1000), trigger: event)
      came.put(stored.isRepeated)
      let mustFail = isFirst.withLock { isFirst in
        defer { isFirst = false }
        return isFirst
      }
      if mustFail { throw Killed() }
    }
    #expect(try await running(subscriber) { try await came.take(2) } == [false, true])
    #expect(try await bank.cents(root) == 1000)
  }

  @Test func subscriptionThatIsNotPossibleEndsTheRun() async throws {
    let subscriber = subscriber("$reserved").on(AccountOpened.self) { _, _ in }
    let refusal = await #expect(throws: Refused.self) { try await subscriber.run() }
    #expect(refusal?.code == .invalidArgument)
  }

  @Test func subscriberWithoutHandlersIsAMistake() async throws {
    await #expect(throws: Mistake.self) { try await subscriber().run() }
  }

  @Test func handlerIsCalledWithoutAServer() async throws {
    let came = Collected<String>()
    let subscriber = subscriber().on(AccountOpened.self) { _, event in came.put(event.id) }
    let root = try #require(UUID(uuidString: "00000000-0000-0000-0000-000000000001"))
    try await subscriber.handle(
      DepositReceived(cents: 1), Event(domain: "bank", root: root, sequence: 1))
    try await subscriber.handle(
      AccountOpened(owner: "Ann"), Event(domain: "bank", root: root, sequence: 0))
    #expect(try await came.take(1) == ["bank/00000000-0000-0000-0000-000000000001/0"])
  }
}
