import CRdKafka
import EventModel

@testable import KafkaChannel

/// Reads a topic's dead letters.
struct LetterTopic {
  struct Missing: Error {}

  private let client: KafkaClient
  private let consumer: GroupConsumer

  init(of address: KafkaAddress) throws {
    client = try KafkaClient(.consumer(address, group: "dead"))
    consumer = GroupConsumer(client, topic: TopicName.deadLetters(of: address.topic))
    _ = consumer.subscribe()
  }

  /// Waits for the first.
  func first() throws -> OutgoingMessage {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
      if let event = client.poll(milliseconds: 0), event.type == RD_KAFKA_EVENT_REBALANCE {
        _ = consumer.assign(event)
      }
      guard let event = client.pollMessages(milliseconds: 100) else { continue }
      var found: OutgoingMessage?
      event.forEachMessage { found = IncomingMessage($0).copy }
      if let found { return found }
    }
    throw Missing()
  }
}

extension OutgoingMessage {
  var headerTexts: [String: String] {
    Dictionary(
      headers.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) },
      uniquingKeysWith: { $1 })
  }
}
