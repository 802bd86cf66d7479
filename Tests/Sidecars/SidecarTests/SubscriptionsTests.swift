import EventModel
import EventSourcing
import OutriderTesting
import RPC
import Sidecars
import Testing
import Wire

/// `outrider.v1.Subscriptions`, as its consumers see it.
@Suite(.timeLimit(.minutes(5))) struct SubscriptionsTests {
  private let harness = SidecarHarness(domains: ["bank", "shop"]) { _ in [] }

  private func record(
    _ numbers: ClosedRange<UInt8>, _ text: String = "a", in domain: String = "bank"
  ) async throws {
    for number in numbers {
      _ = try await harness.record(field(1, cover(root(number), domain)) + field(3, page(text)))
    }
  }

  private func subscribe(
    _ domains: [Name] = ["bank"],
    _ change: (inout OutriderV1.SubscriptionBegin) -> Void = { _ in }
  ) async throws -> SubscriberCall {
    var begin = OutriderV1.SubscriptionBegin(name: "s", domains: domains)
    change(&begin)
    return try await SubscriberCall(harness.queries, begin)
  }

  private func code(of body: () async throws -> Void) async -> RPCStatus.Code? {
    do { try await body() } catch { return (error as? RPCStatus)?.code }
    return nil
  }

  private func call<Answer: WireDecodable>(
    _ method: String, _ request: some WireEncodable, as: Answer.Type = EmptyMessage.self
  ) async throws -> Answer {
    let answer = try await harness.queries.unary(
      Method(service: "outrider.v1.Subscriptions", name: method), request.wireBytes)
    return try Answer(wireBytes: answer)
  }

  private func status() async throws -> [OutriderV1.SubscriptionStatus] {
    try await call(
      "List", OutriderV1.ListSubscriptionsRequest(domain: "bank"),
      as: OutriderV1.ListSubscriptionsResponse.self
    ).subscriptions
  }

  // MARK: Delivery

  @Test func whatIsAcknowledgedComesOnlyOnce() async throws {
    try await record(1...5)
    let first = try await subscribe()
    for delivery in try await first.deliveries(5) { try await first.acknowledge(delivery) }
    #expect(await first.finish().code == .ok)
    #expect(
      try await status().map(\.progress) == [[.init(partition: 0, lane: 0, checkpoint: 5, head: 5)]]
    )
    try await record(6...6)
    let second = try await subscribe()
    #expect(try await second.deliveries(1).map(\.position.number) == [6])
    second.cancel()
  }

  @Test func aDeliverySaysWhatTheLogSays() async throws {
    try await record(1...2)
    let call = try await subscribe()
    let delivered = try await call.deliveries(2)
    call.cancel()
    let entries = try await harness.read("outrider.v1.Log", "Read", field(1, "bank"))
      .map { try OutriderV1.LogEntry(wireBytes: $0) }
    for (delivery, entry) in zip(delivered, entries) {
      guard case .commit(let book, let id, _) = entry.content else { continue }
      #expect(delivery.position == entry.position)
      #expect(delivery.content == .commit(book, id: id))
    }
  }

  @Test func acknowledgementsOutOfOrderKeepTheFirstThatIsMissing() async throws {
    try await record(1...4)
    let first = try await subscribe()
    let delivered = try await first.deliveries(4)
    for index in [3, 1, 0] { try await first.acknowledge(delivered[index]) }
    _ = await first.finish()
    let second = try await subscribe()
    #expect(try await second.deliveries(2).map(\.position.number) == [3, 4])
    second.cancel()
  }

  @Test func aConsumerThatDoesNotAcknowledgeGetsNoMoreThanTheWindow() async throws {
    try await record(1...9)
    let call = try await subscribe { $0.window = 3 }
    let delivered = try await call.deliveries(3)
    // The next message comes only for an acknowledgement.
    try await call.acknowledge(delivered[0])
    #expect(try await call.deliveries(1).map(\.position.number) == [4])
    call.cancel()
  }

  @Test func onlyTheTypesAskedForAreDelivered() async throws {
    for number in 1...6 as ClosedRange<UInt8> {
      let any = field(1, "t/bank.\(number % 2 == 0 ? "Even" : "Odd")")
      _ = try await harness.record(
        field(1, cover(root(number))) + field(3, field(4, any)))
    }
    let call = try await subscribe { $0.eventTypes = ["Even"] }
    #expect(try await call.deliveries(3).map(\.position.number) == [2, 4, 6])
    call.cancel()
  }

  @Test func severalDomainsComeInOneCall() async throws {
    try await record(1...2)
    try await record(1...3, in: "shop")
    let call = try await subscribe(["bank", "shop"])
    let delivered = try await call.deliveries(5)
    #expect(delivered.filter { $0.domain == "bank" }.map(\.position.number) == [1, 2])
    #expect(delivered.filter { $0.domain == "shop" }.map(\.position.number) == [1, 2, 3])
    call.cancel()
  }

  @Test func aDomainWithoutEventsIsWaitedForAndNotCreated() async throws {
    let call = try await subscribe { $0.start = .head }
    try await record(1...1, in: "shop")
    #expect(try await harness.storage.domains() == ["shop"])
    try await record(1...1)
    #expect(try await call.deliveries(1).map(\.position.number) == [1])
    call.cancel()
  }

  @Test func aNewSubscriptionMayBeginAtTheHead() async throws {
    try await record(1...3)
    let call = try await subscribe { $0.start = .head }
    _ = try await call.assignments(1)
    try await record(4...4)
    #expect(try await call.deliveries(1).map(\.position.number) == [4])
    call.cancel()
  }

  // MARK: Several consumers

  @Test func twoConsumersShareTheLanesUntilOneLeaves() async throws {
    let stays = try await subscribe { $0.lanes = 4 }
    try await record(1...1)
    _ = try await stays.assignments(4)
    let leaves = try await subscribe { $0.lanes = 4 }
    #expect(try await leaves.assignments(2).allSatisfy(\.isHeld))
    // The two that it gives away.
    #expect(try await stays.assignments(2).allSatisfy { !$0.isHeld })
    try await record(2...40)
    var seen = Set<UInt64>()
    while seen.count < 10 { seen.insert(try await leaves.deliveries(1)[0].position.number) }
    leaves.cancel()
    #expect(try await stays.assignments(2).allSatisfy(\.isHeld))
    while seen.count < 40 { seen.insert(try await stays.deliveries(1)[0].position.number) }
    stays.cancel()
  }

  // MARK: Looking after subscriptions

  @Test func aSubscriptionIsListedMovedAndDeleted() async throws {
    try await record(1...5)
    let first = try await subscribe { $0.lanes = 2 }
    _ = try await first.deliveries(5)
    let listed = try await status()
    #expect(listed.map(\.name) == ["s"] && listed[0].lanes == 2)
    #expect(listed[0].progress.map(\.lag) == [5, 5])

    _ = try await call(
      "Seek",
      OutriderV1.SeekSubscriptionRequest(
        name: "s", domain: "bank", after: [Position(number: 3)], lanes: 1))
    #expect(await first.status().code == .aborted)
    let second = try await subscribe()
    #expect(try await second.deliveries(2).map(\.position.number) == [4, 5])

    let delete = OutriderV1.DeleteSubscriptionRequest(name: "s", domain: "bank")
    _ = try await call("Delete", delete)
    #expect(await second.status().code == .aborted)
    #expect(try await status().isEmpty)
    #expect(await code { _ = try await call("Delete", delete) } == .notFound)
  }

  // MARK: What is refused

  @Test func whatIsWrongIsRefused() async throws {
    try await record(1...1)
    let elsewhere = try await subscribe(["bank", "elsewhere"])
    #expect(await elsewhere.status().code == .notFound)
    #expect(try await status().isEmpty)

    let call = try await subscribe()
    let delivery = try await call.deliveries(1)[0]
    let other = try await subscribe { $0.lanes = 2 }
    #expect(await other.status().code == .failedPrecondition)
    var wrong = OutriderV1.Acknowledgement(domain: "bank", position: Position(number: 2))
    try await call.send(.init(acknowledgements: [wrong]))
    #expect(await call.status().code == .invalidArgument)
    wrong.domain = "shop"
    wrong.position = delivery.position
    for request in [
      OutriderV1.SubscribeRequest(acknowledgements: [wrong]),
      .init(begin: .init(name: "s", domains: ["bank"])),
    ] {
      let call = try await subscribe()
      try await call.send(request)
      #expect(await call.status().code == .invalidArgument)
    }
  }

  @Test func aCallIsHeldToTheDomainsOfItsAuthority() async throws {
    try await record(1...1)
    try await Admission.$authority.withValue(DomainScope.only(["shop"])) {
      let subscribing = try await subscribe(["shop", "bank"])
      #expect(await subscribing.status().code == .permissionDenied)
      let delete = OutriderV1.DeleteSubscriptionRequest(name: "s", domain: "bank")
      #expect(await code { _ = try await call("Delete", delete) } == .permissionDenied)
      #expect(await code { _ = try await status() } == .permissionDenied)
    }
  }

  @Test func theFirstRequestSaysWhatIsWanted() async throws {
    let call = try await harness.queries.stream(
      Method(service: "outrider.v1.Subscriptions", name: "Subscribe"))
    try await call.send(OutriderV1.SubscribeRequest().wireBytes)
    #expect(await call.status.code == .invalidArgument)
  }
}

/// A call of `Subscribe` as its client holds it.
private final class SubscriberCall {
  private let call: ClientCall
  private var responses: MessageStream.AsyncIterator
  private var waiting: [OutriderV1.SubscribeResponse] = []

  init(_ channel: any RPCChannel, _ begin: OutriderV1.SubscriptionBegin) async throws {
    call = try await channel.stream(
      Method(service: "outrider.v1.Subscriptions", name: "Subscribe"))
    responses = call.responses.makeAsyncIterator()
    try await send(.init(begin: begin))
  }

  func send(_ request: OutriderV1.SubscribeRequest) async throws {
    try await call.send(request.wireBytes)
  }

  func acknowledge(_ delivery: OutriderV1.SubscriptionDelivery) async throws {
    try await send(
      .init(acknowledgements: [
        .init(domain: delivery.domain, position: delivery.position, lane: delivery.lane)
      ]))
  }

  /// The next so many deliveries; assignments wait for their turn.
  func deliveries(_ count: Int) async throws -> [OutriderV1.SubscriptionDelivery] {
    try await take(count) { if case .delivery(let delivery) = $0 { delivery } else { nil } }
  }

  /// The next so many assignments; deliveries wait for their turn.
  func assignments(_ count: Int) async throws -> [OutriderV1.LaneAssignment] {
    try await take(count) { if case .assignment(let assignment) = $0 { assignment } else { nil } }
  }

  private func take<Part>(
    _ count: Int, _ part: (OutriderV1.SubscribeResponse) -> Part?
  ) async throws -> [Part] {
    var taken: [Part] = []
    waiting.removeAll { response in
      guard taken.count < count, let found = part(response) else { return false }
      taken.append(found)
      return true
    }
    while taken.count < count {
      let message = try #require(try await responses.next())
      let response = try OutriderV1.SubscribeResponse(wireBytes: message)
      if let found = part(response) { taken.append(found) } else { waiting.append(response) }
    }
    return taken
  }

  /// Ends the requests, and waits for the end of the call.
  func finish() async -> RPCStatus {
    call.finishSending()
    return await status()
  }

  /// How the call ended; waits for it.
  func status() async -> RPCStatus {
    while (try? await responses.next()) != nil {}
    return await call.status
  }

  func cancel() { call.cancel() }
}
