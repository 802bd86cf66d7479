import EventModel
import EventSourcing
import Foundation

@testable import KafkaChannel

/// The broker that the tests use: tansu, of another make than librdkafka.
enum TestBroker {
  struct Missing: Error, CustomStringConvertible {
    let description =
      "OUTRIDER_TEST_KAFKA is not set. Run `make test`, or `devops/kafka/broker.sh with swift "
      + "test`, which start a broker and set it."
  }

  /// Its address, with a topic of the test's own.
  static func address(partitions: Int = 1) throws -> KafkaAddress {
    guard let servers = ProcessInfo.processInfo.environment["OUTRIDER_TEST_KAFKA"] else {
      throw Missing()
    }
    return try KafkaAddress(
      "kafka://\(servers)?topic=test-\(UUID().uuidString)&partitions=\(partitions)")
  }

  /// Publishes something that is no commit.
  static func putMalformed(at address: KafkaAddress, domain: Name) async throws {
    let topic = try TopicName.topic(of: domain, at: address)
    let producer = try Producer(address) { _ in }
    let session = try producer.begin(topic, window: 1)
    var message = OutgoingMessage(key: nil, body: [1, 2, 3])
    message.append("x", "y")
    try await session.produce(message, number: 1)
    _ = try await session.confirmation(after: 0)
    await producer.close()
  }
}
