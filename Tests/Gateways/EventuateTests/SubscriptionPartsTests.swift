import EventModel
import JSON
import STOMP
import Testing
import Wire

@testable import Eventuate

/// The parts of a subscription that decide, and wait for nothing.
@Suite struct SubscriptionPartsTests {
  // MARK: Destinations

  @Test func javaNestsOptions() throws {
    let destination = try Destination(
      #"{"subscriberId":"s","space":"shop","entityTypesAndEvents":{"A":["E","F"],"B":[]},"#
        + #""options":{"durability":"TRANSIENT","readFrom":"END","progressNotifications":true}}"#)
    #expect(destination.subscriber == (try SubscriberName("s", in: "shop")))
    #expect(
      destination.wanted == [
        try EntityType("A", in: "shop"): ["E", "F"], try EntityType("B", in: "shop"): [],
      ])
    #expect(!destination.isDurable && destination.start == .head && destination.notifiesProgress)
  }

  @Test func nodeHasOptionsAtTheTop() throws {
    let destination = try Destination(
      #"{"entityTypesAndEvents":{"A":["E"]},"subscriberId":"s","durability":"TRANSIENT","#
        + #""readFrom":"END","progressNotifications":true}"#)
    #expect(!destination.isDurable && destination.start == .head && destination.notifiesProgress)
  }

  @Test(arguments: [
    #"{"subscriberId":"s","entityTypesAndEvents":{"A":["E"]}}"#,
    #"{"subscriberId":"s","space":null,"options":null,"entityTypesAndEvents":{"A":["E"]}}"#,
    #"{"subscriberId":"s","durability":"100","readFrom":"begin","entityTypesAndEvents":{"A":["E"]}}"#,
  ]) func optionsThatAreAbsentOrMeanNothingAreTheDefaults(_ header: String) throws {
    let destination = try Destination(header)
    #expect(destination.isDurable && destination.start == .beginning)
    #expect(!destination.notifiesProgress && destination.subscriber.space == "default")
  }

  @Test(arguments: [
    ("", "not valid JSON"), ("7", "must be an object"), ("{}", "subscriberId is missing"),
    (#"{"subscriberId":7}"#, "subscriberId must be a string"),
    (#"{"subscriberId":"a\"b","entityTypesAndEvents":{}}"#, "no quote"),
    (#"{"subscriberId":"s"}"#, "entityTypesAndEvents is missing"),
    (#"{"subscriberId":"s","entityTypesAndEvents":[]}"#, "must be an object, got an array"),
    (#"{"subscriberId":"s","entityTypesAndEvents":{}}"#, "1 to 64 entity types"),
    (#"{"subscriberId":"s","entityTypesAndEvents":{"A":"E"}}"#, "entityTypesAndEvents.A must be"),
    (#"{"subscriberId":"s","entityTypesAndEvents":{"A":[1]}}"#, "must hold names of events"),
    (#"{"subscriberId":"s","entityTypesAndEvents":{"A/B":[]}}"#, "slash"),
    (#"{"subscriberId":"s","options":1,"entityTypesAndEvents":{"A":[]}}"#, "options must be"),
    (#"{"subscriberId":"s","space":1,"entityTypesAndEvents":{"A":[]}}"#, "space must be a string"),
  ]) func aWrongDestinationIsExplained(_ header: String, _ reason: String) {
    do {
      let destination = try Destination(header)
      Issue.record("\(destination)")
    } catch { #expect(error.message.contains(reason), "\(error.message)") }
  }

  // MARK: Messages

  private func head(_ destination: Frame.Header, namesVersions: Bool) throws -> MessageHead {
    MessageHead(
      Subscribe(id: "1", destination: destination, receipt: nil),
      try SubscriberName("s", in: "default"), clientNamesVersions: namesVersions)
  }

  private func message() throws -> SubscriberMessage {
    let type = try EntityType("net.x.A", in: "shop")
    let cover = Cover(domain: type.domain, root: Root(Bytes(repeating: 1, count: 16))!)
    return SubscriberMessage(
      StoredEvent(sequence: 3, entityID: "e", type: "E", data: "{\"a\":\n\n1}"), of: cover, type,
      at: Position(number: 9), swimlane: 5, for: try SubscriberName("s", in: "shop"))
  }

  @Test func aMessageHasAllEightFieldsOnOneLine() throws {
    let destination = Frame.Header("destination", "x", written: "raw\\cas it was")
    let frame = try head(destination, namesVersions: true)
      .frame(message(), AckHeader(connection: "c", number: 0))
    #expect(frame.headers.map(\.name) == ["ack", "destination", "message-id", "subscription"])
    #expect(frame.header("destination")?.written == "raw\\cas it was")
    #expect(frame["message-id"] == "0")
    let text = String(decoding: frame.body, as: UTF8.self)
    #expect(!text.contains("\n"))
    let body = try JSONValue.parse(frame.body)
    #expect(body["id"] == "0000000000000009-0000000000000003")
    #expect(body["entityId"] == "e" && body["entityType"] == "net.x.A")
    #expect(body["eventType"] == "E" && body["eventData"] == "{\"a\":\n\n1}")
    #expect(body["swimlane"] == 5 && body["offset"] == 9)
    guard case .string(let token)? = body["eventToken"] else { throw STOMPError("no token") }
    #expect(TriggeringToken(token).event?.sequence == 3)
  }

  @Test func theAckHeaderIsJSONWithoutEscapes() throws {
    let ack = AckHeader(connection: "c", number: 7)
    let text = ack.text(for: try SubscriberName("s ä", in: "default"))
    let value = try JSONValue.parse(Array(text.utf8))
    #expect(value["receiptHandle"]?["subscriberId"] == "s ä")
    #expect(!text.contains("\\"))
    #expect(AckHeader(text, on: "other") == ack)
    #expect(AckHeader("7", on: "c") == ack)
    #expect(AckHeader("{}", on: "c") == nil && AckHeader("x", on: "c") == nil)
  }

  @Test func aDestinationThatIsTooLongForAClientIsLeftOut() throws {
    let long = Frame.Header("destination", String(repeating: "x", count: 10_001))
    let ack = AckHeader(connection: "c", number: 7)
    #expect(try head(long, namesVersions: true).frame(message(), ack)["destination"] == nil)
    #expect(try head(long, namesVersions: false).frame(message(), ack)["destination"] != nil)
  }

  // MARK: Acknowledgements

  private func acknowledgement(_ number: UInt64, lane: UInt32 = 0) -> OutriderV1.Acknowledgement {
    OutriderV1.Acknowledgement(domain: "A", position: Position(number: number), lane: lane)
  }

  @Test func aCommitIsDoneOnceAllItsMessagesAre() {
    var state = Unacknowledged(messagesMax: 10)
    #expect(state.deliver(acknowledgement(1), by: 4, messages: 2) == [0, 1])
    #expect(state.deliver(acknowledgement(2), by: 4, messages: 1) == [2])
    #expect(state.acknowledge(1) == nil)
    #expect(state.acknowledge(1) == nil)
    #expect(state.acknowledge(2)?.acknowledgement == acknowledgement(2))
    #expect(state.acknowledge(0)?.feed == 4)
    #expect(state.acknowledge(99) == nil && state.count == 0)
  }

  @Test func roomIsBounded() {
    var state = Unacknowledged(messagesMax: 2)
    _ = state.deliver(acknowledgement(1), by: 0, messages: 2)
    #expect(!state.hasRoom)
    _ = state.acknowledge(0)
    #expect(state.hasRoom)
  }

  @Test func whatIsForgottenIsAcknowledgedWithoutEffect() {
    var state = Unacknowledged(messagesMax: 10)
    _ = state.deliver(acknowledgement(1, lane: 1), by: 0, messages: 1)
    _ = state.deliver(acknowledgement(2, lane: 2), by: 0, messages: 1)
    _ = state.deliver(acknowledgement(3, lane: 1), by: 1, messages: 1)
    state.forget(0, (partition: 0, lane: 1))
    #expect(state.acknowledge(0) == nil && state.count == 2)
    state.forget(0)
    #expect(state.acknowledge(1) == nil)
    #expect(state.acknowledge(2)?.feed == 1)
  }

  // MARK: Ends

  @Test func aSwimlaneEndsOnceItsLanesAreThrough() {
    var ends = EndOfEvents(heads: [
      Position(partition: 1, number: 7), Position(partition: 0, number: 5),
    ])
    for partition in 0..<UInt32(2) { ends.gained(3, partition: partition) }
    #expect(ends.due().isEmpty)
    ends.reached(5, lane: 3, partition: 0)
    ends.reached(6, lane: 3, partition: 1)
    #expect(ends.due().isEmpty)
    ends.reached(7, lane: 3, partition: 1)
    #expect(ends.due().map(\.swimlane) == [3])
    #expect(ends.due().isEmpty && !ends.isOver)
  }

  @Test func nothingThereIsThroughAtOnce() {
    var ends = EndOfEvents(heads: [Position(number: 0)])
    #expect(ends.due().map(\.swimlane) == Array(0..<8))
    #expect(ends.isOver)
  }

  @Test func aClientThatComesAgainAndAgainWaits() {
    var pace = ConnectPace(burst: 2, eachSecond: 2)
    let now = ContinuousClock.now
    #expect(pace.delay(of: "a", at: now) == .zero)
    #expect(pace.delay(of: "a", at: now) == .zero)
    #expect(pace.delay(of: "a", at: now) == .milliseconds(500))
    #expect(pace.delay(of: "b", at: now) == .zero)
    for _ in 0..<100 { _ = pace.delay(of: "a", at: now) }
    #expect(pace.delay(of: "a", at: now) == .seconds(10))
    #expect(pace.delay(of: "a", at: now + .seconds(60)) == .zero)
  }
}
