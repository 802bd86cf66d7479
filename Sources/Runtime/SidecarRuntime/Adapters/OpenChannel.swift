import EventModel
import EventSourcing
import KafkaChannel
import Logging
import RabbitMQChannel
import SidecarConfiguration
import Sidecars
import Telemetry
import Tracing

extension Configuration {
  /// Opens the message channel, one for each place to publish to; consumers use the first. Empty
  /// if none is configured. With `openCommandChannel` the one place that knows every kind.
  /// Contacts no broker yet.
  func openChannels(_ logger: Logger) throws(SidecarError) -> [any MessageChannel] {
    do {
      switch channel {
      case .rabbitmq(let uri)?: return [try RabbitMQChannel(RabbitMQAddress(uri))]
      case .kafka(let uri)?:
        return try KafkaAddress(uri).eachTopic.map { address in
          try KafkaChannel(address, report: logger.reportingKafka)
        }
      case nil: return []
      }
    } catch {
      throw SidecarError("the channel \(channel?.description ?? "") cannot be used: \(error)")
    }
  }

  /// Opens the channel of commands; nil if none is configured. Contacts no broker yet.
  func openCommandChannel(_ logger: Logger) throws(SidecarError) -> (any CommandChannel)? {
    guard let topic = command.topic else { return nil }
    guard case .kafka(let uri)? = channel else {
      throw SidecarError(
        "command.topic: commands go through Kafka only; set channel to kafka://HOST:PORT, too",
        .configuration)
    }
    do {
      let address = try KafkaAddress(uri)
      guard !([address.topic] + address.furtherTopics).contains(topic) else {
        throw SidecarError("events are published there; commands need a topic of their own")
      }
      return try KafkaCommandChannel(address.on(topic: topic), report: logger.reportingKafka)
    } catch {
      throw SidecarError("command.topic \(topic) cannot be used: \(error)")
    }
  }

  /// Counts the channel's messages; nil without a channel or metrics.
  var channelMetrics: ChannelMetrics? {
    metrics.listen == nil ? nil : channel?.source.messagingSystem.map { ChannelMetrics($0) }
  }

  /// The channel, counted and traced as configured.
  func observing(
    _ opened: any MessageChannel, _ metrics: ChannelMetrics?, _ tracer: Tracer?
  ) -> any MessageChannel {
    guard let system = channel?.source.messagingSystem else { return opened }
    var opened = opened
    if let metrics { opened = MeteredChannel(opened, metrics) }
    if let tracer { opened = TracedChannel(opened, system, by: tracer) }
    return opened
  }

  /// The channel of commands, counted as configured.
  func observing(
    _ opened: any CommandChannel, _ metrics: ChannelMetrics?
  ) -> any CommandChannel {
    guard let metrics, let topic = command.topic else { return opened }
    return MeteredCommandChannel(opened, as: Name(topic), metrics)
  }
}

extension Logger {
  fileprivate var reportingKafka: @Sendable (String) -> Void {
    { line in debug("librdkafka", metadata: ["says": "\(line)"]) }
  }
}

extension EventSource {
  /// OpenTelemetry's name of the broker; nil if there is none.
  var messagingSystem: String? {
    switch self {
    case .rabbitmq: "rabbitmq"
    case .kafka: "kafka"
    case .log, .queryHandler: nil
    }
  }
}
