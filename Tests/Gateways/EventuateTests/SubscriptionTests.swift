import EventModel
import JSON
import OutriderTesting
import RPC
import STOMP
import Testing

@testable import Eventuate

/// Subscriptions over real sidecars in memory.
@Suite(.timeLimit(.minutes(5))) struct SubscriptionTests {
  private let harness = SidecarHarness(domains: nil) { _ in
    throw RPCStatus(.internal, "an Eventuate application has its logic in itself")
  }
  private let all = #"{"subscriberId":"s","entityTypesAndEvents":{"Account":["Opened","Changed"]}}"#

  /// An entity with one commit of these events.
  private func create(
    _ id: String? = nil, _ types: [String] = ["Opened"], type: String = "Account"
  ) async throws {
    let events: [JSONValue] = types.map { ["eventType": .string($0), "eventData": "{}"] }
    var members: [JSONValue.Member] = [
      .init("entityTypeName", .string(type)), .init("events", .array(events)),
    ]
    if let id { members.append(.init("entityId", .string(id))) }
    _ = try await EntityStore(calls: harness.eventuateCalls).create(
      CreateRequest(Array(JSONValue.object(members).text.utf8), space: "default"))
  }

  private func bodies(_ frames: [Frame]) throws -> [JSONValue] {
    try frames.map { try JSONValue.parse($0.body) }
  }

  private func entityIDs(_ frames: [Frame]) throws -> [String] {
    try bodies(frames).compactMap {
      if case .string(let id)? = $0["entityId"] { id } else { nil }
    }
  }

  private func connected() async -> STOMPPeer {
    let peer = STOMPPeer(harness)
    await peer.connect()
    return peer
  }

  private func acknowledge(_ frames: [Frame], _ peer: STOMPPeer) {
    for frame in frames { peer.send("ACK", ["id": frame["ack"] ?? ""]) }
  }

  @Test func eventsAreDeliveredBehindTheReceipt() async throws {
    try await create("a")
    let peer = await connected()
    await peer.subscribe(all)
    let messages = await peer.wait(of: "MESSAGE")
    #expect(peer.frames.map(\.command) == ["CONNECTED", "RECEIPT", "MESSAGE"])
    #expect(messages[0]["subscription"] == "1" && messages[0]["destination"] == all)
    #expect(try entityIDs(messages) == ["a"])
    try await create("b")
    #expect(Set(try entityIDs(await peer.wait(2, of: "MESSAGE"))) == ["a", "b"])
  }

  @Test func onlyWantedEventsAreDelivered() async throws {
    try await create("a", ["Opened", "Hidden", "Changed"])
    try await create("b", ["Hidden"])
    try await create("c")
    let peer = await connected()
    await peer.subscribe(all)
    let messages = await peer.wait(3, of: "MESSAGE")
    #expect(
      try bodies(messages).filter { $0["entityId"] == "a" }.map { $0["eventType"] }
        == ["Opened", "Changed"])
    #expect(Set(try entityIDs(messages)) == ["a", "c"])
  }

  @Test func aSubscriptionSpansEntityTypes() async throws {
    try await create("a")
    try await create("o", ["Placed"], type: "Order")
    let peer = await connected()
    await peer.subscribe(
      #"{"subscriberId":"s","entityTypesAndEvents":{"Account":["Opened"],"Order":["Placed"]}}"#)
    #expect(Set(try entityIDs(await peer.wait(2, of: "MESSAGE"))) == ["a", "o"])
  }

  @Test func whatIsNotAcknowledgedComesAgain() async throws {
    try await create("a")
    try await create("b")
    let first = await connected()
    await first.subscribe(all)
    let messages = await first.wait(2, of: "MESSAGE")
    acknowledge(try messages.filter { try JSONValue.parse($0.body)["entityId"] == "a" }, first)
    await first.leave()
    let second = await connected()
    await second.subscribe(all)
    #expect(try entityIDs(await second.wait(of: "MESSAGE")) == ["b"])
  }

  @Test func acknowledgementsAreStoredBeforeTheReceiptOfDisconnect() async throws {
    for number in 0..<20 { try await create("\(number)") }
    let first = await connected()
    await first.subscribe(all)
    acknowledge(await first.wait(20, of: "MESSAGE"), first)
    first.send("DISCONNECT", ["receipt": "bye"])
    #expect(await first.wait(2, of: "RECEIPT").last?["receipt-id"] == "bye")
    try await create("new")
    let second = await connected()
    await second.subscribe(all)
    #expect(try entityIDs(await second.wait(of: "MESSAGE")) == ["new"])
  }

  @Test func anAcknowledgementOfAnEarlierConnectionHasNoEffect() async throws {
    try await create("a")
    let first = await connected()
    await first.subscribe(all)
    let old = await first.wait(of: "MESSAGE")
    await first.leave()
    let second = await connected()
    await second.subscribe(all)
    _ = await second.wait(of: "MESSAGE")
    acknowledge(old, second)
    second.send("ACK", ["id": "nonsense"])
    await second.leave()
    let third = await connected()
    await third.subscribe(all)
    #expect(try entityIDs(await third.wait(of: "MESSAGE")) == ["a"])
  }

  @Test func aThousandMessagesMayBeUnacknowledged() async throws {
    try await create("a", Array(repeating: "Opened", count: 500))
    try await create("b", Array(repeating: "Opened", count: 500))
    let peer = await connected()
    await peer.subscribe(all)
    #expect(await peer.wait(1000, of: "MESSAGE").count == 1000)
  }

  @Test func whatBeginsAtTheEndLeavesOutWhatWas() async throws {
    try await create("old")
    let peer = await connected()
    await peer.subscribe(
      #"{"subscriberId":"s","readFrom":"END","entityTypesAndEvents":{"Account":["Opened"]}}"#)
    try await create("new")
    #expect(try entityIDs(await peer.wait(of: "MESSAGE")) == ["new"])
  }

  @Test func aTransientSubscriptionKeepsNothing() async throws {
    try await create("a")
    let begin =
      #"{"subscriberId":"s","durability":"TRANSIENT","entityTypesAndEvents":{"Account":["Opened"]}}"#
    for _ in 0..<2 {
      let peer = await connected()
      await peer.subscribe(begin)
      let messages = await peer.wait(of: "MESSAGE")
      #expect(try entityIDs(messages) == ["a"])
      acknowledge(messages, peer)
      await peer.leave()
    }
    let late = await connected()
    await late.subscribe(begin.replacing("}}", with: "},\"readFrom\":\"END\"}"))
    try await create("b")
    #expect(try entityIDs(await late.wait(of: "MESSAGE")) == ["b"])
  }

  @Test(arguments: ["DURABLE", "TRANSIENT"])
  func theEndOfWhatWasThereIsTold(_ durability: String) async throws {
    try await create("a")
    let peer = await connected()
    await peer.subscribe(
      #"{"subscriberId":"s","entityTypesAndEvents":{"Account":["Opened"]},"options":"#
        + #"{"durability":"\#(durability)","progressNotifications":true}}"#)
    acknowledge(await peer.wait(of: "MESSAGE"), peer)
    var ends: [JSONValue] = []
    var count = 1
    while ends.count < 8 {
      let messages = await peer.wait(count, of: "MESSAGE")
      acknowledge(Array(messages[(count - 1)...]), peer)
      count = messages.count + 1
      ends = try bodies(messages).filter {
        $0["eventType"] == .string(SubscriberMessage.endOfEventsType)
      }
    }
    #expect(Set(ends.compactMap { $0["swimlane"]?.text }) == Set((0..<8).map { "\($0)" }))
  }

  @Test func twoConnectionsShareASubscriber() async throws {
    let (first, second) = (await connected(), await connected())
    await first.subscribe(all)
    await second.subscribe(all)
    for number in 0..<40 { try await create("\(number)") }
    var seen: Set<String> = []
    while seen.count < 40 {
      let count = first.frames.count + second.frames.count
      seen = Set(try entityIDs((first.frames + second.frames).filter { $0.command == "MESSAGE" }))
      if seen.count < 40, first.frames.count + second.frames.count == count { await Task.yield() }
      acknowledge((first.frames).filter { $0.command == "MESSAGE" }, first)
      acknowledge((second.frames).filter { $0.command == "MESSAGE" }, second)
    }
    #expect(seen.count == 40)
  }

  @Test func whatIsUnsubscribedIsDeliveredNoMore() async throws {
    let peer = await connected()
    await peer.subscribe(all)
    peer.send("UNSUBSCRIBE", ["id": "1", "receipt": "u"])
    _ = await peer.wait(2, of: "RECEIPT")
    await peer.subscribe(all.replacing("\"s\"", with: "\"t\""), id: "2")
    try await create("a")
    #expect(await peer.wait(of: "MESSAGE").map { $0["subscription"] } == ["2"])
  }
}
