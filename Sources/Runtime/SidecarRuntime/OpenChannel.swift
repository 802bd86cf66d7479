import EventSourcing
import KafkaChannel
import Logging
import RabbitMQChannel
import SidecarConfiguration

extension Configuration {
  /// Opens the message channel; nil where none is configured. The one place that knows every kind.
  /// Nothing is asked of a broker yet.
  func openChannel(_ logger: Logger) throws -> (any MessageChannel)? {
    do {
      switch channel {
      case .rabbitmq(let uri)?: return try RabbitMQChannel(RabbitMQAddress(uri))
      case .kafka(let uri)?:
        return try KafkaChannel(KafkaAddress(uri)) { line in
          logger.debug("librdkafka", metadata: ["says": "\(line)"])
        }
      case nil: return nil
      }
    } catch {
      throw SidecarError("the channel \(channel?.description ?? "") cannot be used: \(error)")
    }
  }
}
