import EventModel
import EventSourcing
import Foundation

@testable import RabbitMQChannel

/// The broker that the tests use.
enum TestBroker {
  struct Missing: Error, CustomStringConvertible {
    let description =
      "OUTRIDER_TEST_RABBITMQ_URI is not set. Run `make test`, or `devops/rabbitmq/broker.sh with "
      + "swift test`, which start a broker and set it."
  }

  /// Its address, with an exchange of the test's own.
  static func address(_ options: String = "") throws -> RabbitMQAddress {
    guard let uri = ProcessInfo.processInfo.environment["OUTRIDER_TEST_RABBITMQ_URI"] else {
      throw Missing()
    }
    return try RabbitMQAddress("\(uri)?exchange=test-\(UUID().uuidString)\(options)")
  }

  /// A connection of the test's own, with channel 1 open.
  static func connection() throws -> AMQPConnection {
    let connection = try AMQPConnection(to: try address())
    try connection.openChannel(1)
    return connection
  }

  /// Publishes something that is no commit to a queue.
  static func putMalformed(into queue: String) throws {
    let connection = try connection()
    try connection.selectConfirms(1)
    let message = OutgoingMessage(id: "odd", body: [1, 2, 3], headers: [("x", "y")])
    try connection.publish(message, to: "", key: queue, on: 1)
    // The answer comes behind the confirm.
    try connection.declareQueue(1, queue)
  }
}
