/// The message broker that carries domains' logs to other processes, by its URI.
public enum ChannelLocation: Sendable, Equatable {
  case rabbitmq(uri: String)
  case kafka(uri: String)
}

extension ChannelLocation: LosslessStringConvertible {
  /// Nil where the text names no broker of a kind that is known.
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

  /// As it is given, but for what is secret, which nobody is to read in a log.
  public var description: String {
    switch self {
    case .rabbitmq(let uri), .kafka(let uri): withoutSecrets(uri)
    }
  }

  /// Whether events travel to another machine without TLS.
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

  /// The source of those who take events from it.
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
  /// As Kafka takes names of topics.
  static let topic = ValueFormat(
    placeholder: "TOPIC", allowed: "a name of letters, digits and the characters . _ - {domain}",
    parse: { text in
      name.parse(text.replacing("{domain}", with: "d")).map { $0.contains(":") ? nil : text } ?? nil
    },
    write: { $0 }, example: "kf-evento-commands")
}

/// Where consumers take events from.
public enum EventSource: String, CaseIterable, Sendable {
  /// The event store's log.
  case log
  /// A RabbitMQ queue, and a query-handler for what it leaves out.
  case rabbitmq
  /// A Kafka topic, and a query-handler for what it leaves out.
  case kafka
  /// A query-handler, by gRPC.
  case queryHandler = "query-handler"

  /// Whether a message channel brings the events.
  public var isChannel: Bool { self == .rabbitmq || self == .kafka }
}
