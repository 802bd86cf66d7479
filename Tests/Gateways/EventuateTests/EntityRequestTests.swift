import EventModel
import JSON
import Testing

@testable import Eventuate

/// Bodies as clients post them.
@Suite struct EntityRequestTests {
  private func failure(_ body: () throws -> Void) -> EventuateFailure? {
    do { try body() } catch { return error as? EventuateFailure }
    return nil
  }

  @Test func aCreateIsReadAsJavaSendsIt() throws {
    let body =
      #"{"entityTypeName":"io.x.Account","events":[{"eventType":"io.x.Created","eventData":"{\"a\":12}","#
      + #""metadata":"{\"k\":\"v\"}"}],"entityId":"custom-1"}"#
    let request = try CreateRequest(Array(body.utf8), space: "default")
    #expect(request.type == (try EntityType("io.x.Account", in: nil)))
    #expect(request.id == "custom-1" && request.token == nil)
    #expect(
      request.events == [
        PostedEvent(type: "io.x.Created", data: #"{"a":12}"#, metadata: #"{"k":"v"}"#)
      ])
  }

  @Test func unknownMembersAndNullsAreIgnored() throws {
    let body =
      #"{"entityTypeName":"A","entityId":null,"events":[{"eventType":"E","eventData":"","metadata":null}],"#
      + #""encryptionKey":{"id":1},"triggeringEventToken":"t"}"#
    let request = try CreateRequest(Array(body.utf8), space: "default")
    #expect(request.id == nil && request.token?.text == "t")
    #expect(request.events == [PostedEvent(type: "E", data: "")])
  }

  @Test func anUpdateExpectsTheEventBehindItsVersion() throws {
    let entity = try EntityName(try EntityType("A", in: nil), id: "1-2")
    let body =
      #"{"entityId":"1-2","entityVersion":"9-4","events":[{"eventType":"E","eventData":"{}"}]}"#
    let request = try UpdateRequest(Array(body.utf8), of: entity)
    #expect(request.expected == 5)
  }

  @Test(arguments: [
    ("", "not valid JSON"), ("[]", "must be an object, got an array"), ("{}", "entityTypeName is"),
    (#"{"entityTypeName":1}"#, "entityTypeName must be a string"),
    (#"{"entityTypeName":""}"#, "entityTypeName is empty"),
    (#"{"entityTypeName":"A"}"#, "events is missing"),
    (#"{"entityTypeName":"A","events":{}}"#, "events must be an array"),
    (#"{"entityTypeName":"A","events":[]}"#, "1 to 10000 events"),
    (#"{"entityTypeName":"A","events":[1]}"#, "events[0] must be an object"),
    (#"{"entityTypeName":"A","events":[{"eventData":"{}"}]}"#, "events[0].eventType is missing"),
    (
      #"{"entityTypeName":"A","events":[{"eventType":"E","eventData":{}}]}"#,
      "events[0].eventData must be a string"
    ),
    (#"{"entityTypeName":"A","events":[{"eventType":"E"}]}"#, "events[0].eventData is missing"),
    (#"{"entityTypeName":"A/B","events":[]}"#, "slash"),
    (#"{"entityTypeName":"A","entityId":7,"events":[]}"#, "entityId must be a string"),
  ]) func aWrongCreateIsExplained(_ body: String, _ reason: String) throws {
    let failure = try #require(
      failure { _ = try CreateRequest(Array(body.utf8), space: "default") })
    #expect(failure.status == 400)
    #expect(failure.message.contains(reason), "\(failure.message)")
  }

  @Test(arguments: ["1", "x-y", "1-100000000", "1-ffffffff"])
  func aVersionThatIsNoneIsExplained(_ version: String) throws {
    let entity = try EntityName(try EntityType("A", in: nil), id: "1-2")
    let body = #"{"entityVersion":"\#(version)","events":[{"eventType":"E","eventData":"{}"}]}"#
    let failure = try #require(failure { _ = try UpdateRequest(Array(body.utf8), of: entity) })
    #expect(failure.status == 400 && failure.message.contains("entityVersion"))
  }
}
