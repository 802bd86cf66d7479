import Encodings

/// The address of a Kafka cluster and its options, parsed from a URI.
///
/// `kafka://HOST:PORT[,HOST:PORT…]?OPTIONS`. The options:
/// - `topic`: the topic's name, in which `{domain}` stands for the domain; `outrider.{domain}` by
///   default. Several are separated by commas: each gets every commit.
/// - `values=eventuate`: publishes each event as Eventuate Local does, in JSON. The default topic
///   is then `{domain}`.
/// - `partitions`, `replicas`: of topics that are created here; the broker's defaults unless set.
/// - `security.protocol`, `sasl.*`, `ssl.*`: librdkafka's own; `passedOn` lists them.
public struct KafkaAddress: Sendable, Equatable {
  public enum Values: Sendable {
    /// `evented.EventBook`, one for each commit.
    case eventBook
    /// Eventuate Local's JSON, one for each event.
    case eventuate
  }

  /// In librdkafka's form: `HOST:PORT,HOST:PORT`.
  public var servers: String
  /// The topic that consumers read; the first of the published ones.
  public var topic = "outrider.{domain}"
  public var furtherTopics: [String] = []
  public var values = Values.eventBook
  public var partitions: Int32?
  public var replicas: Int32?
  /// Options for librdkafka, by name.
  public var security: [String: String] = [:]

  /// Options passed to librdkafka.
  public static let passedOn = [
    "security.protocol", "sasl.mechanism", "sasl.username", "sasl.password",
    "sasl.kerberos.service.name", "sasl.kerberos.principal", "sasl.kerberos.keytab",
    "ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.key.password",
    "ssl.endpoint.identification.algorithm",
  ]

  /// The error of a URI. The message quotes no option's value, so no password.
  public struct Mistake: Error, Equatable, CustomStringConvertible {
    public let description: String
  }

  public init(_ uri: String) throws(Mistake) {
    let scheme = "kafka://"
    guard uri.hasPrefix(scheme) else { throw Mistake(description: "it begins with kafka://") }
    var rest = Substring(uri).dropFirst(scheme.count)
    var options: Substring = ""
    if let mark = rest.firstIndex(of: "?") {
      options = rest[rest.index(after: mark)...]
      rest = rest[..<mark]
    }
    if rest.last == "/" { rest = rest.dropLast() }
    servers = try Self.servers(rest)
    var named: Set<Substring> = []
    for option in options.split(separator: "&") {
      let parts = option.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { throw Mistake(description: "\(parts[0]) has no value") }
      try read(parts[0], try Self.decoded(parts[1]))
      named.insert(parts[0])
    }
    if values == .eventuate, !named.contains("topic") { topic = "{domain}" }
  }

  /// Checks the servers, and adds the default port.
  private static func servers(_ text: Substring) throws(Mistake) -> String {
    if text.contains("@") {
      throw Mistake(description: "user and password are the options sasl.username, sasl.password")
    }
    var servers: [String] = []
    for server in text.split(separator: ",", omittingEmptySubsequences: false) {
      let isBare = server.last == "]" || !server.contains(":")
      let port = isBare ? "9092" : server[server.index(after: server.lastColon)...]
      let host = isBare ? server : server[..<server.lastColon]
      guard let number = Int(port), (1...65535).contains(number) else {
        throw Mistake(description: "a port in it is not a number from 1 to 65535")
      }
      guard !host.isEmpty, !host.contains("/") else {
        throw Mistake(description: "it names no host: kafka://HOST:PORT,HOST:PORT?OPTIONS")
      }
      servers.append("\(host):\(number)")
    }
    return servers.joined(separator: ",")
  }

  private mutating func read(_ name: Substring, _ value: String) throws(Mistake) {
    switch (name, value) {
    case ("topic", _):
      let topics = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      for (index, name) in topics.enumerated() {
        try Self.check(topic: name)
        if topics[..<index].contains(name) {
          throw Mistake(description: "topic names \(name) twice")
        }
      }
      (topic, furtherTopics) = (topics[0], Array(topics[1...]))
    case ("values", "eventbook"): values = .eventBook
    case ("values", "eventuate"): values = .eventuate
    case ("values", _): throw Mistake(description: "values is eventbook or eventuate")
    case ("partitions", _): partitions = try Self.count(value, of: "partitions")
    case ("replicas", _): replicas = try Self.count(value, of: "replicas")
    case _ where Self.passedOn.contains(String(name)): security[String(name)] = value
    default:
      throw Mistake(
        description: "unknown option \(name); allowed are topic, values, partitions, replicas, "
          + Self.passedOn.joined(separator: ", "))
    }
  }

  private static func check(topic: String) throws(Mistake) {
    guard TopicName.isLegal(topic.replacing("{domain}", with: "d")) else {
      throw Mistake(
        description: "topic has characters besides letters, digits, . _ - and {domain}")
    }
  }

  private static func count(_ text: String, of name: String) throws(Mistake) -> Int32 {
    guard let count = Int32(text), count > 0 else {
      throw Mistake(description: "\(name) is not a number from 1 on")
    }
    return count
  }

  private static func decoded(_ text: Substring) throws(Mistake) -> String {
    guard let decoded = URIEncoding.decode(text) else {
      throw Mistake(description: "a % in it is not followed by two hexadecimal digits")
    }
    return decoded
  }

  /// One address for each topic. Each has its own progress, so a new topic gets the whole log,
  /// and a refused one delays no other.
  public var eachTopic: [KafkaAddress] {
    ([topic] + furtherTopics).map { name in
      var address = self
      (address.topic, address.furtherTopics) = (name, [])
      return address
    }
  }

  /// The same brokers, with another topic. Throws if Kafka does not allow the name.
  public func on(topic: String) throws(Mistake) -> KafkaAddress {
    try Self.check(topic: topic)
    var address = self
    (address.topic, address.furtherTopics, address.values) = (topic, [], .eventBook)
    return address
  }

  /// For messages; contains no password.
  var description: String { "Kafka at \(servers)" }
}

extension Substring {
  /// Call only if there is a colon.
  fileprivate var lastColon: Index { lastIndex(of: ":") ?? endIndex }
}
