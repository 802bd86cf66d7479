import EventModel
import EventSourcing
import JSON
import Testing
import Wire

@testable import KafkaChannel

@Suite(.timeLimit(.minutes(5))) struct ValueEncodingTests {
  private func commit(_ payloads: [Payload]) throws -> RecordedCommit {
    let root = try #require(
      Root([0, 0, 1, 0x57, 0x28, 0xF1, 0xFA, 0x50, 2, 0x42, 0, 0, 0, 0, 0, 1]))
    var pages = PageBlock(emptyAt: 4)
    for payload in payloads {
      pages.append(
        EventPage(
          sequence: pages.next, createdAt: Timestamp(seconds: 1, nanoseconds: 0),
          body: payload.pageBody))
    }
    return RecordedCommit(
      position: Position(number: 26),
      commit: Commit(
        cover: Cover(domain: "bank.Account", root: root), id: .random(), pages: pages,
        createdAt: Timestamp(seconds: 1, nanoseconds: 0)))
  }

  @Test func anEventBecomesEventuatesJSON() throws {
    let data = #"{"initialBalance":12}"#
    let opened = Payload(typeURL: "json/bank.Opened", value: Bytes(data.utf8))
    let closed = Payload(typeURL: "json/bank.Closed", value: Bytes("{}".utf8))
    let messages = try ValueEncoding(.eventuate).messages(of: try commit([opened, closed]))
    #expect(messages.count == 2)
    let entity = "0000015728f1fa50-0242000000000001"
    #expect(messages.allSatisfy { $0.key == Bytes(entity.utf8) })
    let value = try JSONValue.parse(try #require(messages[0].body))
    #expect(
      value == [
        "id": "000000000000001a-0000000000000004", "entityId": .string(entity),
        "entityType": "bank.Account", "eventData": .string(data), "eventType": "bank.Opened",
      ])
  }

  @Test func anEventThatIsNoJSONIsRefusedByItsPosition() throws {
    let commit = try commit([Payload(typeURL: "type.googleapis.com/bank.Opened", value: [1])])
    let error = #expect(throws: ChannelError.self) {
      try ValueEncoding(.eventuate).messages(of: commit)
    }
    #expect(error?.code == .refused)
    #expect(error?.position == commit.position)
  }
}
