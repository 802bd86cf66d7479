import Contracts
import EventModel
import Testing

@testable import EventSourcing

/// What a saga does when a store goes away for a moment.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SagaFaultTests {
  /// Among the calls: the target is away at first, so that a command waits in an agenda; one timer
  /// fires, and another is cancelled.
  @Test(arguments: Shipping.Part.allCases, StoreCall.ofDomain)
  func anyCallOfAStoreMayFailAndEverythingHappensOnce(
    part: Shipping.Part, call: StoreCall
  ) async throws {
    try await StoreCalls.failing(each: call) { calls in
      let shipping = try await Shipping(part, calls)
      _ = try await shipping.placeOrder()
      try await shipping.run { try await isSettled(shipping) }
      #expect(try await triggers(of: shipping).sorted() == Self.expectedTriggers)
      let commands = try await shipping.accounts.wholeLog().map(\.commit)
      #expect(commands.map(\.cover).sorted { $0.root < $1.root } == [cover(1), cover(1), cover(2)])
      #expect(Set(commands.compactMap(\.commandID.bytewise)).count == 3)
      for store in [shipping.orders, shipping.instances] {
        #expect(try await store.parked(by: "ship", after: nil, limit: 9).isEmpty)
      }
    }
  }

  private static let expectedTriggers = ["events", "outcome", "outcome", "outcome", "timer ship"]

  /// Whether the instance has finished, and nothing is left to do.
  private func isSettled(_ shipping: Shipping) async throws -> Bool {
    guard try await shipping.isFinished else { return false }
    guard try await shipping.instances.agendas().isEmpty else { return false }
    for store in [shipping.orders, shipping.instances] {
      let head = try await store.head(ofPartition: 0)
      guard try await store.checkpoint(of: "ship", partition: 0) == head else { return false }
    }
    return true
  }

  /// What the instance's steps reacted to.
  private func triggers(of shipping: Shipping) async throws -> [String] {
    try await shipping.stored.steps(of: root(7)).map { recorded in
      switch recorded.step.trigger {
      case .events: "events"
      case .outcome: "outcome"
      case .timer(let timer): "timer \(timer.name)"
      }
    }
  }
}
