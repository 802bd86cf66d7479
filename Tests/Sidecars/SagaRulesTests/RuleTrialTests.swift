import EventModel
import JSON
import Sidecars
import Testing

@testable import SagaRules

/// What rules would send, without a log or a command-handler.
@Suite(.timeLimit(.minutes(1))) struct RuleTrialTests {
  private static let rules = """
    rules:
      - on: Placed
        where: {count: {over: 1}}
        send: Reserve
        to: stock/{item}
        entity: "shelf:{count}"
        with: {count: "{count}", order: "{$root}", buyer: null}
      - on: Reserve refused
        send: Cancel
        to: order/{order}
        with: {why: "{$message}"}
    """

  private func commands(
    on trigger: String, _ content: JSONValue, message: String = ""
  ) async throws -> [RuleTrial.Command] {
    try await RuleTrial(Shop.rules(Self.rules)).commands(
      on: trigger, content, of: .nil, time: Timestamp(seconds: 1), message: message)
  }

  @Test func eventShowsItsCommands() async throws {
    let command = try #require(try await commands(on: "Placed", Shop.placed).first)
    #expect(command.cover == Cover(domain: "stock", root: try #require(Root(named: "lamp"))))
    #expect(command.entity == "shelf:2")
    #expect(command.type == "stock.Reserve")
    #expect(command.content["order"] == .string(Root.nil.description))
  }

  @Test func refusalShowsItsCommands() async throws {
    let reserve: JSONValue = ["count": 1, "order": "x", "buyer": .null]
    let commands = try await commands(on: "stock/Reserve refused", reserve, message: "sold out")
    #expect(commands.map(\.content) == [["why": "sold out"]])
  }

  @Test func whatNoRuleIsOnIsTold() async {
    for trigger in ["Cancel", "Placed refused", "stock/Placed"] {
      await #expect(throws: RuleFlaw("no rule of shop.yaml is on \(trigger)")) {
        try await commands(on: trigger, [:])
      }
    }
    await #expect(throws: PayloadFlaw.self) { try await commands(on: "Placed", ["item": 5]) }
  }
}
