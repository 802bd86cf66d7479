import EventModel
import FoundationEssentials
import OutriderClient
import Synchronization
import Testing

@testable import ReadmeBank

/// Create, update and find.
@Suite(.timeLimit(.minutes(5))) struct AggregatesTests {
  private let bank = Bank()
  private var accounts: Aggregates<Account> { bank.accounts }

  @Test func whatIsStoredIsFound() async throws {
    let created = try await accounts.create(OpenAccount(owner: "Ann"), headers: ["user": "teller"])
    #expect(try created.events.map { try $0.as(AccountOpened.self)?.owner } == ["Ann"])
    #expect(created.nextSequence == 1)
    let updated = try await accounts.update(created.root, ReceiveDeposit(cents: 5), expected: 1)
    #expect(updated.types == ["DepositReceived"])
    #expect(try #require(updated.position).number > #require(created.position).number)
    let found = try #require(try await accounts.find(created.root))
    #expect(found.aggregate.owner == "Ann")
    #expect(found.aggregate.cents == 5)
    #expect(found.nextSequence == 2)
    #expect(try await accounts.find(UUID()) == nil)
  }

  @Test(arguments: [nil, 1] as [UInt32?])
  func refusalOfTheLogicIsNoConflict(_ expected: UInt32?) async throws {
    let ann = try await bank.open()
    await #expect(throws: Refused(.failedPrecondition, "the balance is too low")) {
      try await accounts.update(ann, WithdrawCash(cents: 1), expected: expected)
    }
  }

  @Test func unknownCommandIsRefused() async throws {
    let ann = try await bank.open()
    await #expect(throws: Refused(.invalidArgument, "Account knows no command Balance")) {
      try await accounts.update(ann, Balance())
    }
  }

  @Test(arguments: [0, 2, 7] as [UInt32])
  func staleExpectedSequenceIsAConflict(_ expected: UInt32) async throws {
    let ann = try await bank.open()
    await #expect(throws: Conflict.self) {
      try await accounts.update(ann, ReceiveDeposit(cents: 1), expected: expected)
    }
  }

  @Test func aggregateIsCreatedOnce() async throws {
    let ann = try await bank.open()
    await #expect(throws: Conflict.self) {
      try await accounts.create(OpenAccount(owner: "Bob"), root: ann)
    }
  }

  /// Each deposit is one cent more than the balance: a decision on an old one breaks the sum.
  @Test func writersDecideAgainWhereAnotherWasFaster() async throws {
    let ann = try await bank.open()
    let (writers, times) = (4, 5)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<writers {
        group.addTask {
          for _ in 0..<times {
            _ = try await accounts.update(ann) { ReceiveDeposit(cents: $0.cents + 1) }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await bank.cents(ann) == 1 << (writers * times) - 1)
  }

  @Test func conflictIsDecidedAgain() async throws {
    let ann = try await bank.open(5)
    let decisions = Mutex<[Int]>([])
    let stored = try await accounts.update(ann) { account in
      let isFirst = decisions.withLock {
        $0.append(account.cents)
        return $0.count == 1
      }
      if isFirst { _ = try await accounts.update(ann, ReceiveDeposit(cents: 1)) }
      return WithdrawCash(cents: account.cents)
    }
    #expect(decisions.withLock(\.self) == [5, 6])
    #expect(stored.nextSequence == 4)
    #expect(try await bank.cents(ann) == 0)
  }

  @Test func decisionMayWantNothing() async throws {
    let ann = try await bank.open()
    let stored = try await accounts.update(ann) { _ in nil }
    #expect(stored.events.isEmpty)
    #expect(stored.nextSequence == nil)
  }

  @Test func commandOfAKnownIDHappensOnce() async throws {
    let ann = try await bank.open()
    let first = try await accounts.update(ann, ReceiveDeposit(cents: 5), commandID: "once")
    let again = try await accounts.update(
      ann, ReceiveDeposit(cents: 5), expected: 1, commandID: "once")
    #expect([first.isRepeated, again.isRepeated] == [false, true])
    #expect(first.events == again.events)
    #expect(try await bank.cents(ann) == 5)
  }

  @Test func triggerCreatesAndUpdatesOnce() async throws {
    let ann = try await bank.open()
    func deliver() async throws -> [Stored] {
      let trigger = Event(
        domain: "orders", root: ann, sequence: 3, correlation: "c", subscription: "bonus")
      let created = try await accounts.create(
        OpenAccount(owner: "Bob"), trigger: trigger, step: "create")
      let updated = try await accounts.update(ann, ReceiveDeposit(cents: 5), trigger: trigger)
      await #expect(throws: Mistake.self) {
        try await accounts.update(ann, ReceiveDeposit(cents: 5), trigger: trigger)
      }
      let more = try await accounts.update(
        ann, ReceiveDeposit(cents: 7), trigger: trigger, step: "more")
      return [created, updated, more]
    }
    let (first, again) = (try await deliver(), try await deliver())
    #expect(first.map(\.root) == again.map(\.root))
    #expect(again.map(\.isRepeated) == [true, true, true])
    #expect(try await bank.cents(ann) == 12)
    #expect(try await accounts.find(first[0].root)?.nextSequence == 1)
  }

  @Test func snapshotsChangeNothingForThoseWhoFind() async throws {
    let ann = try await bank.open()
    for _ in 0..<110 { _ = try await accounts.update(ann, ReceiveDeposit(cents: 1)) }
    #expect(try await bank.cents(ann) == 110)
    _ = try await accounts.update(ann, WithdrawCash(cents: 110))
    #expect(try await bank.cents(ann) == 0)
  }

  @Test func addressThatIsNoneIsRefused() {
    #expect(throws: (any Error).self) { try Connection(commands: "nowhere") }
  }
}
