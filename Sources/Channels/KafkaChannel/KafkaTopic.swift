import CRdKafka
import EventSourcing

/// A producer's topic handle.
///
/// `@unchecked Sendable`: librdkafka's functions for topics are thread-safe, like all others.
final class KafkaTopic: @unchecked Sendable {
  private let client: KafkaClient
  private let handle: OpaquePointer
  let name: String

  init(_ name: String, of client: KafkaClient) throws(ChannelError) {
    guard let handle = rd_kafka_topic_new(client.handle, name, nil) else {
      throw ChannelError(.notPermitted, "topic \(name): \(rd_kafka_last_error().text)")
    }
    (self.client, self.name, self.handle) = (client, name, handle)
  }

  // Destroyed before the client, whose end waits for it.
  deinit { rd_kafka_topic_destroy(handle) }

  func produce(_ message: OutgoingMessage, ticket: UInt) -> KafkaCode {
    message.produce(to: handle, of: client.handle, ticket: ticket)
  }
}
