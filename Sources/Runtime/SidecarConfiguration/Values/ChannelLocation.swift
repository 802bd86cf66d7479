/// The URI of the message broker that carries domains' logs to other processes.
public enum ChannelLocation: Sendable, Equatable {
  case rabbitmq(uri: String)
  case kafka(uri: String)
}

extension ChannelLocation: LosslessStringConvertible {
  /// Nil if the text is not the URI of a known broker.
  public init?(_ text: String) {
    if text.utf8.contains(0) { return nil }
    if text.hasPrefix("amqp://") || text.hasPrefix("amqps://") {
      self = .rabbitmq(uri: text)
    } else if text.hasPrefix("kafka://") {
      self = .kafka(uri: text)
    } else {
      return nil
    }
  }

  /// The URI without its secrets, for logs.
  public var description: String {
    switch self {
    case .rabbitmq(let uri), .kafka(let uri): withoutSecrets(uri)
    }
  }

  /// True if events travel to another machine without TLS.
  var isElsewhereInTheClear: Bool {
    switch self {
    case .rabbitmq(let uri): uri.hasPrefix("amqp:") && !Self.isOnThisMachine(ServerURI(uri))
    case .kafka(let uri):
      switch ServerURI(uri)?.options["security.protocol"] {
      case "ssl", "sasl_ssl": false
      default: !Self.isOnThisMachine(ServerURI(uri))
      }
    }
  }

  private static func isOnThisMachine(_ uri: ServerURI?) -> Bool {
    uri?.hosts.allSatisfy(ServerURI.isOnThisMachine) ?? true
  }

  /// The matching source for consumers.
  package var source: EventSource {
    switch self {
    case .rabbitmq: .rabbitmq
    case .kafka: .kafka
    }
  }
}

extension ValueFormat<ChannelLocation> {
  static let channel = ValueFormat(
    placeholder: "CHANNEL",
    allowed: "amqp://HOST/VHOST, amqps://HOST/VHOST or kafka://HOST:PORT",
    parse: { ChannelLocation($0) }, write: { $0.description },
    example: "amqp://guest:guest@127.0.0.1:5672/")
}

extension ValueFormat<String> {
  /// Kafka's rules for a topic's name.
  static let topic = ValueFormat(
    placeholder: "TOPIC", allowed: "a name of letters, digits and the characters . _ - {domain}",
    parse: { text in
      name.parse(text.replacing("{domain}", with: "d")).map { $0.contains(":") ? nil : text } ?? nil
    },
    write: { $0 }, example: "kf-evento-commands")
}

/// A source of events for consumers.
public enum EventSource: String, CaseIterable, Sendable {
  /// The event store's log.
  case log
  /// A RabbitMQ queue, and a query-handler for gaps.
  case rabbitmq
  /// A Kafka topic, and a query-handler for gaps.
  case kafka
  /// A query-handler, by gRPC.
  case queryHandler = "query-handler"

  /// True if a message channel delivers the events.
  public var isChannel: Bool { self == .rabbitmq || self == .kafka }
}
