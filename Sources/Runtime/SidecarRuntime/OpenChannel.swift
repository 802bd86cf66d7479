import EventSourcing
import KafkaChannel
import Logging
import RabbitMQChannel
import SidecarConfiguration
import Sidecars
import Telemetry
import Tracing

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

  /// What counts the channel's messages; nil where there is no channel, or nothing is measured.
  var channelMetrics: ChannelMetrics? {
    metrics.listen == nil ? nil : channel?.source.messagingSystem.map(ChannelMetrics.init)
  }

  /// The channel, with what goes through it counted and recorded, as far as anything is.
  func observing(
    _ opened: (any MessageChannel)?, _ metrics: ChannelMetrics?, _ tracer: Tracer?
  ) -> (any MessageChannel)? {
    guard var opened, let system = channel?.source.messagingSystem else { return nil }
    if let metrics { opened = MeteredChannel(opened, metrics) }
    if let tracer { opened = TracedChannel(opened, system, by: tracer) }
    return opened
  }
}

extension EventSource {
  /// What OpenTelemetry calls the broker; nil where there is none.
  var messagingSystem: String? {
    switch self {
    case .rabbitmq: "rabbitmq"
    case .kafka: "kafka"
    case .log, .queryHandler: nil
    }
  }
}
