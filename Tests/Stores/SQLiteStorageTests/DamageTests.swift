import Contracts
import EventModel
import EventSourcing
import Testing

@testable import SQLiteStorage

/// What damage in a file means to those who use the store: one aggregate's trouble, and no more.
@Suite(.timeLimit(.minutes(5))) struct DamageTests {
  private let damaged = Root.random()
  private let sound = Root.random()

  /// Three commits of each, the damaged one's second one damaged.
  private func withDamage(
    _ fault: Tampering.Fault, _ body: (any DomainStore) async throws -> Void
  ) async throws {
    try await withStore { store, _ in
      for first: SequenceNumber in [0, 1, 2] {
        for root in [damaged, sound] { _ = try await store.append(.sample(root, at: first)) }
      }
      try await Tampering.bySecondConnection.damage(store, fault, damaged, 1)
      try await body(store)
    }
  }

  @Test(arguments: [Tampering.Fault.missing, .cut, .flipped])
  func aSubscriptionParksTheDamagedAggregateAndGoesOn(fault: Tampering.Fault) async throws {
    try await withDamage(fault) { store in
      let projector = Projector(name: "p", store: store, logic: Acceptance())
      var settings = SubscriptionSettings()
      settings.triesMax = 1
      let subscription = Subscription(
        consumer: projector, store: store, owner: "o", settings: settings)
      let running = Task { await subscription.run() }
      var revision: Revision = 0
      while try await store.record(of: "p", root: sound)?.next != 3 {
        await store.waitForChanges(of: "p", after: revision)
        revision =
          try await store.changes(of: "p", after: revision, limit: ReadLimit(count: 100)).last?
          .revision ?? 0
      }
      var parked: [ParkedAggregate] = []
      while parked.isEmpty {
        parked = try await store.parked(by: "p", after: nil, limit: 9)
        await Task.yield()
      }
      #expect(parked.map(\.root) == [damaged])
      #expect(parked.first.map { $0.firstSequence <= 1 } == true)
      #expect(parked.first?.statusCode == .dataLoss)
      #expect(parked.first?.reason.contains("event 1 of orders/\(damaged)") == true)
      running.cancel()
      await running.value
    }
  }

  @Test(arguments: [Tampering.Fault.missing, .cut, .flipped])
  func aCommandForTheDamagedAggregateIsDataLossAndOthersAreHandled(
    fault: Tampering.Fault
  ) async throws {
    try await withDamage(fault) { store in
      let handler = CommandHandler(store: store, logic: Acceptance())
      let soon = ContinuousClock.now + .seconds(60)
      let lost = Command(cover: Cover(domain: "orders", root: damaged), encoded: [])
      await #expect {
        _ = try await handler.handle(lost, deadline: soon)
      } throws: { error in
        (error as? EventSourcingError)?.code == .dataLoss
      }
      let other = Command(cover: Cover(domain: "orders", root: sound), encoded: [])
      let result = try await handler.handle(other, deadline: soon)
      #expect(result.recorded?.commit.pages.first == 3)
    }
  }

  @Test(arguments: [Tampering.Fault.missing, .cut, .flipped])
  func aReaderGetsWhatLiesBeforeTheDamage(fault: Tampering.Fault) async throws {
    try await withDamage(fault) { store in
      let reader = EventReader(store: store)
      var events: [SequenceNumber] = []
      do {
        try await reader.events(of: damaged) { events += $0.pages.pages.map(\.sequence) }
        Issue.record("damage was read over")
      } catch {
        #expect((error as? EventSourcingError)?.code == .dataLoss)
      }
      #expect(events == [0])
      let next = try await reader.events(of: sound) { _ in }
      #expect(next == 3)
    }
  }

  @Test func anEndThatIsNoneIsDamage() async throws {
    try await withStore { store, directory in
      _ = try await store.bar("c", of: damaged, as: .expired)
      try Connection("\(directory)/orders.db", for: .writing).execute(
        "UPDATE barred SET ending = 'perhaps'")
      let place = ["orders/\(damaged)"]
      await expectFailure(.corrupt, saying: place) {
        _ = try await store.conclusion(of: damaged, commandID: "c")
      }
      await expectFailure(.corrupt, saying: place) {
        _ = try await store.append(.sample(damaged, commandID: "c"))
      }
      _ = try await store.append(.sample(damaged, commandID: "d"))
    }
  }

  @Test func aStatusCodeThatIsNoneIsUnknown() async throws {
    try await withStore { store, directory in
      let refusal = EndWithoutEvents.refused(ErrorStatus(.failedPrecondition, "no"))
      _ = try await store.bar("c", of: sound, as: refusal)
      try await store.park(
        ParkedAggregate(
          subscription: "s", root: sound, firstSequence: 0, reason: "no",
          statusCode: .failedPrecondition, tries: 1, parkedAt: Timestamp(seconds: 1)))
      try Connection("\(directory)/orders.db", for: .writing).execute(
        "UPDATE barred SET code = 17; UPDATE parked SET status_code = 17")
      let conclusion = try await store.conclusion(of: sound, commandID: "c")
      #expect(conclusion == .barred(.refused(ErrorStatus(.unknown, "no"))))
      #expect(try await store.parked(by: "s", root: sound)?.statusCode == .unknown)
    }
  }
}

/// Logic that takes everything: one event for a command, an empty projection for events.
private struct Acceptance: BusinessLogic, ProjectorLogic {
  func handle(
    _ command: Command, on aggregate: Aggregate, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> ProposedBook {
    ProposedBook(cover: nil, pages: [ProposedPage(body: [0x22, 0])])
  }

  func project(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes? { [] }
}
