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
    case .rabbitmq(let uri):
      return uri.hasPrefix("amqp:") && !Self.hosts(of: uri).allSatisfy(isLoopback)
    case .kafka(let uri):
      let isSecured = ["security.protocol=ssl", "security.protocol=sasl_ssl"]
        .contains { uri.lowercased().contains($0) }
      return !isSecured && !Self.hosts(of: uri).allSatisfy(isLoopback)
    }
  }

  /// The hosts that a URI names, without ports.
  private static func hosts(of uri: String) -> [String] {
    guard let scheme = uri.firstRange(of: "://") else { return [] }
    let authority = uri[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
    let hosts = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] }
    return (hosts ?? authority).split(separator: ",").map { host in
      host.hasPrefix("[")
        ? String(host.prefix { $0 != "]" }) + "]" : String(host.prefix { $0 != ":" })
    }
  }

  /// The source of those who take events from it.
  var source: EventSource {
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
}
