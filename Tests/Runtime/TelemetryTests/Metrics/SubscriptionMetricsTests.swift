import EventModel
import EventSourcing
import MemoryStorage
import Metrics
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(5))) struct SubscriptionMetricsTests {
  private func lines(_ metrics: SubscriptionMetrics) async -> Set<String> {
    var exposition = Exposition()
    await metrics.write(to: &exposition)
    let lines = exposition.text.split(separator: "\n").map(String.init)
    return Set(
      lines.filter { !$0.hasPrefix("#") }.map { line in
        line.replacing("outrider_subscription_", with: "")
          .replacing("{subscription=\"p\",domain=\"d\",partition=\"0\"}", with: "")
      })
  }

  @Test func onlyTheActiveConsumerTellsPositions() async throws {
    let metrics = SubscriptionMetrics()
    let store = try await MemoryStorage().domain("d")
    let meter = try #require(metrics.meter("p", store, partition: 0))
    meter.count(.standingBy)
    let always: Set = [
      "circuit_open 0", "retries_total 0", "parked_total 0", "channel_failing 0",
      "channel_failures_total 0", "set_aside_total 0", "domains_away 0",
    ]
    #expect(await lines(metrics) == always.union(["active 0"]))
    meter.count(.started(Position(number: 0), Lease(name: "l", owner: "a", token: 1)))
    #expect(await lines(metrics) == always.union(["active 1", "position 0", "head 0"]))
    meter.count(.leaseLost)
    #expect(await lines(metrics).contains("active 0"))
  }

  @Test func domainsThatTakeNoCommandsAreCountedUntilTheyDoOrAnotherProcessSends() async throws {
    let metrics = SubscriptionMetrics()
    let store = try await MemoryStorage().domain("d")
    let meter = try #require(metrics.meter("p", store, partition: 0))
    meter.count(SagaTargets.Change.waits("stock", reason: "away"))
    meter.count(SagaTargets.Change.waits("till", reason: "away"))
    meter.count(SagaTargets.Change.waits("till", reason: "away still"))
    #expect(await lines(metrics).contains("domains_away 2"))
    #expect(meter.currentTroubles.away["till"] == "away still")
    meter.count(SagaTargets.Change.flows("stock"))
    #expect(await lines(metrics).contains("domains_away 1"))
    // A subscription that begins anew knows of none: only what is told from then on counts.
    for end in [
      SubscriptionEvent.leaseLost, .standingBy,
      .started(Position(number: 0), Lease(name: "l", owner: "a", token: 1)),
    ] {
      meter.count(SagaTargets.Change.waits("till", reason: "away"))
      meter.count(end)
      #expect(await lines(metrics).contains("domains_away 0"))
    }
  }

  @Test func deadLettersAreToldByTheActiveConsumer() async throws {
    let metrics = SubscriptionMetrics()
    let store = try await MemoryStorage().domain("d")
    let meter = try #require(metrics.meter("p", store, partition: 0))
    #expect(await !lines(metrics).contains { $0.hasPrefix("dead_letters") })
    meter.count(.deadLetters(2))
    meter.count(.setAside("odd"))
    #expect(await lines(metrics).isSuperset(of: ["dead_letters 3", "set_aside_total 1"]))
    // Somebody dropped them.
    meter.count(.deadLetters(0))
    #expect(await lines(metrics).isSuperset(of: ["dead_letters 0", "set_aside_total 1"]))
    meter.count(.leaseLost)
    #expect(await !lines(metrics).contains { $0.hasPrefix("dead_letters") })
    #expect(meter.deadLetterCount == nil)
  }

  @Test func commandsOfATopicAreCountedByTheirFates() async throws {
    let metrics = SubscriptionMetrics()
    let store = try await MemoryStorage().domain("d")
    let meter = try #require(metrics.meter("p", store, partition: 0))
    func taken() async -> Set<String> {
      Set(
        await lines(metrics).filter { $0.hasPrefix("commands_taken") }.map {
          $0.replacing(
            "commands_taken_total{subscription=\"p\",domain=\"d\",partition=\"0\",", with: "{")
        })
    }
    #expect(await taken().isEmpty)
    meter.count(.joined)
    for fate in [CommandFate.stored, .stored, .repeated, .setAside] { meter.count(.taken(fate)) }
    #expect(
      await taken() == [
        "{result=\"stored\"} 2", "{result=\"repeated\"} 1", "{result=\"set-aside\"} 1",
        "{result=\"passed-over\"} 0",
      ])
  }

  @Test func failuresAreCounted() async throws {
    let metrics = SubscriptionMetrics()
    let store = try await MemoryStorage().domain("d")
    let meter = try #require(metrics.meter("p", store, partition: 0))
    let cover = Cover(domain: "d", root: try #require(Root(Array(repeating: 1, count: 16))))
    let failure = DeliveryFailure(RPCFailure())
    meter.count(.retrying(cover, .first, failure, tries: 1))
    meter.count(.retrying(cover, .first, failure, tries: 2))
    meter.count(.parked(cover, .first, failure))
    let lines = await lines(metrics)
    #expect(lines.isSuperset(of: ["retries_total 2", "parked_total 1"]))
  }

  @Test func aConsumerThatIsDownIsToldUntilItHandlesEventsOrAnotherProcessDoes() async throws {
    let metrics = SubscriptionMetrics()
    let store = try await MemoryStorage().domain("d")
    let meter = try #require(metrics.meter("p", store, partition: 0))
    for end in [
      SubscriptionEvent.circuitClosed, .leaseLost,
      .started(Position(number: 0), Lease(name: "l", owner: "a", token: 1)),
    ] {
      meter.count(.circuitOpened(failing: 3, DeliveryFailure(RPCFailure())))
      #expect(await lines(metrics).contains("circuit_open 1"))
      meter.count(end)
      #expect(await lines(metrics).contains("circuit_open 0"))
    }
  }

  private struct RPCFailure: Error {}

  @Test func metersAreBounded() async throws {
    let metrics = SubscriptionMetrics()
    let store = try await MemoryStorage().domain("d")
    for _ in 0..<SubscriptionMetrics.metersMax {
      #expect(metrics.meter("p", store, partition: 0) != nil)
    }
    #expect(metrics.meter("p", store, partition: 0) == nil)
  }
}
