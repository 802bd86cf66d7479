import Avro
import EventModel
import Foundation
import JSON
import Testing
import Wire

@testable import Sidecars

/// What functions behind HTTP are given and give, against the schema that is published.
@Suite struct AvroFunctionMessagesTests {
  private let messages = AvroFunctionMessages()
  private let schema: AvroSchema
  private let cover: Cover

  init() throws {
    let top = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
    let file = top.appending(path: "proto/outrider/v1/functions.avsc")
    schema = try AvroSchema(parsing: Bytes(Data(contentsOf: file)))
    let root = try #require(Root("00112233-4455-6677-8899-aabbccddeeff"))
    cover = Cover(domain: "savings", root: root)
  }

  private let payload = Payload(typeURL: "json/Deposit", value: Bytes(#"{"amount":5}"#.utf8))
  private let payloadJSON = #"{"type":"json/Deposit","value":"{\"amount\":5}"}"#

  private var state: Bytes {
    OutriderV1.AggregateState(
      root: payload.wireBytes, members: ["card:2": payload.wireBytes, "card:1": payload.wireBytes]
    ).wireBytes
  }

  private func json(_ text: String) throws -> JSONValue { try JSONValue.parse(Bytes(text.utf8)) }

  private func record(_ text: String, _ type: String) throws -> Bytes {
    try schema.datum(try json(text), as: "outrider.v1.\(type)")
  }

  private func pages(_ entities: [Name?]) throws -> PageBlock {
    var pages = PageBlock(emptyAt: SequenceNumber(7))
    for (index, entity) in entities.enumerated() {
      pages.append(
        EventPage(
          sequence: SequenceNumber(UInt32(7 + index)),
          createdAt: Timestamp(seconds: 1_700_000_000, nanoseconds: 123_456_789),
          body: payload.pageBody(of: entity)))
    }
    return pages
  }

  @Test func handleIsToldOfCommandsAndState() throws {
    let book = Evented.CommandBook(
      cover: cover,
      pages: [
        Evented.CommandPage(payload, synchronous: true),
        Evented.CommandPage(payload, entity: "card:1"),
      ],
      commandID: "a", origin: Origin(correlation: "c", Evented.Annotations(headers: ["h": "v"])))
    let request = try messages.handleRequest(
      try Command(wireBytes: book.wireBytes), state: state, next: SequenceNumber(300))
    #expect(
      try schema.json(request, as: "outrider.v1.HandleRequest")
        == json(
          """
          {"domain": "savings", "root": "00112233-4455-6677-8899-aabbccddeeff",
           "commands": [
             {"entity": null, "payload": \(payloadJSON), "synchronous": true},
             {"entity": "card:1", "payload": \(payloadJSON), "synchronous": false}],
           "state": {"root": \(payloadJSON),
                     "members": {"card:1": \(payloadJSON), "card:2": \(payloadJSON)}},
           "next": 300, "commandId": "a", "correlation": "c", "headers": {"h": "v"}}
          """))
  }

  @Test func firstCommandHasNoState() throws {
    let book = Evented.CommandBook(cover: cover, pages: [Evented.CommandPage(payload)])
    let request = try messages.handleRequest(
      try Command(wireBytes: book.wireBytes), state: nil, next: .first)
    let told = try schema.json(request, as: "outrider.v1.HandleRequest")
    #expect(told["state"] == .null && told["commandId"] == .null && told["next"] == .number("0"))
    #expect(told["headers"] == .object([]) && told["correlation"] == "")
  }

  @Test func applyIsToldOfEventsAndState() throws {
    let empty = OutriderV1.AggregateState().wireBytes
    let request = try messages.applyRequest(try pages([nil, "card:1"]), of: cover, state: empty)
    #expect(
      try schema.json(request, as: "outrider.v1.ApplyRequest")
        == json(
          """
          {"domain": "savings", "root": "00112233-4455-6677-8899-aabbccddeeff",
           "events": [
             {"entity": null, "payload": \(payloadJSON), "sequence": 7,
              "createdAt": 1700000000123456},
             {"entity": "card:1", "payload": \(payloadJSON), "sequence": 8,
              "createdAt": 1700000000123456}],
           "state": {"root": null, "members": {}}}
          """))
  }

  @Test func handleAnswersEvents() throws {
    let answer = try record(
      """
      {"events": [{"entity": "card:1", "payload": \(payloadJSON), "synchronous": true},
                  {"payload": \(payloadJSON)}]}
      """, "HandleResponse")
    #expect(
      try messages.pages(inHandleResponse: answer) == [
        ProposedPage(synchronous: true, body: payload.pageBody(of: "card:1")),
        ProposedPage(body: payload.pageBody),
      ])
    #expect(
      try messages.pages(inHandleResponse: try record(#"{"events": []}"#, "HandleResponse")) == [])
  }

  @Test func applyAnswersTheState() throws {
    let answer = try record(
      """
      {"state": {"root": \(payloadJSON),
                 "members": {"card:2": \(payloadJSON), "card:1": \(payloadJSON)}}}
      """, "ApplyResponse")
    #expect(try messages.state(inApplyResponse: answer).wireBytes == state)
  }

  @Test(arguments: [
    (#"{"events": [{"payload": {"type": "", "value": ""}}]}"#, "events[0].payload.type: must name"),
    (
      #"{"events": [{"entity": "card", "payload": {"type": "a/b", "value": ""}}]}"#,
      "events[0].entity: must be type:id, got card"
    ),
    (
      #"{"events": [{"entity": "", "payload": {"type": "a/b", "value": ""}}]}"#,
      "events[0].entity: must be type:id, got nothing"
    ),
  ])
  func wrongEventIsNamed(_ text: String, _ problem: String) throws {
    let answer = try record(text, "HandleResponse")
    let error = #expect(throws: AvroError.self) {
      _ = try messages.pages(inHandleResponse: answer)
    }
    #expect(error?.description.hasPrefix(problem) == true, "\(error?.description ?? "")")
  }

  @Test func memberWithoutATypeIsRefused() throws {
    let answer = try record(
      #"{"state": {"root": null, "members": {"card": \#(payloadJSON)}}}"#, "ApplyResponse")
    let error = #expect(throws: AvroError.self) {
      _ = try messages.state(inApplyResponse: answer)
    }
    #expect(error?.description == "state.members: must be type:id, got card")
  }

  /// Whatever is cut off, or has a byte too many, is an error and no trap.
  @Test func damagedAnswersAreRefused() throws {
    let events = try record(
      #"{"events": [{"entity": "card:1", "payload": \#(payloadJSON)}]}"#, "HandleResponse")
    let folded = try record(
      #"{"state": {"root": null, "members": {"card:1": \#(payloadJSON)}}}"#, "ApplyResponse")
    for count in 0..<events.count {
      #expect(throws: AvroError.self) {
        _ = try messages.pages(inHandleResponse: Bytes(events.prefix(count)))
      }
    }
    for count in 0..<folded.count {
      #expect(throws: AvroError.self) {
        _ = try messages.state(inApplyResponse: Bytes(folded.prefix(count)))
      }
    }
    let huge: Bytes = [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]
    for wrong in [huge, events + [0], [0xFF], Bytes(repeating: 1, count: 100)] {
      #expect(throws: AvroError.self) { _ = try messages.pages(inHandleResponse: wrong) }
      #expect(throws: AvroError.self) { _ = try messages.state(inApplyResponse: wrong) }
    }
  }
}
