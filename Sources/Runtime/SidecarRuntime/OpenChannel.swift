import EventSourcing
import RabbitMQChannel
import SidecarConfiguration

extension Configuration {
  /// Opens the message channel; nil where none is configured. The one place that knows every kind.
  /// Nothing is asked of a broker yet.
  func openChannel() throws -> (any MessageChannel)? {
    do {
      switch channel {
      case .rabbitmq(let uri)?: return try RabbitMQChannel(RabbitMQAddress(uri))
      case .kafka?: throw SidecarError("Kafka is not built into this executable")
      case nil: return nil
      }
    } catch {
      throw SidecarError("the channel \(channel?.description ?? "") cannot be used: \(error)")
    }
  }
}
