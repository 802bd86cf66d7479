import Encodings

/// The address of a RabbitMQ broker and its options, parsed from a URI.
///
/// `amqp://USER:PASSWORD@HOST:PORT/VHOST?OPTIONS`, or `amqps://` for TLS, as in RabbitMQ's own
/// URI specification. The options:
/// - `exchange`: the exchange's name; `outrider` by default.
/// - `style=evented`: publishes as the Evented framework did, to a fanout exchange with an empty
///   routing key, so that its consumers keep working.
/// - `queues=quorum`: makes replicated queues.
/// - `cacertfile`, `certfile`, `keyfile`: the authorities of the broker's certificate, and the
///   client certificate with its key, as paths of PEM files.
public struct RabbitMQAddress: Sendable, Equatable {
  public var host = "localhost"
  public var port = 5672
  public var isSecure = false
  public var user = "guest"
  public var password = "guest"
  public var virtualHost = "/"
  public var exchange = "outrider"
  /// Whether to use a fanout exchange and an empty routing key.
  public var isEventedStyle = false
  public var hasQuorumQueues = false
  public var authorities: String?
  public var certificate: String?
  public var key: String?

  /// The error of a URI. The message quotes no password.
  public struct Mistake: Error, Equatable, CustomStringConvertible {
    public let description: String
  }

  public init(_ uri: String) throws(Mistake) {
    var rest = Substring(uri)
    if rest.hasPrefix("amqps://") {
      isSecure = true
      port = 5671
    } else if !rest.hasPrefix("amqp://") {
      throw Mistake(description: "it begins with amqp:// or amqps://")
    }
    rest = rest.dropFirst(isSecure ? "amqps://".count : "amqp://".count)
    if let mark = rest.firstIndex(of: "?") {
      for option in rest[rest.index(after: mark)...].split(separator: "&") { try read(option) }
      rest = rest[..<mark]
    }
    if let slash = rest.firstIndex(of: "/") {
      let name = rest[rest.index(after: slash)...]
      if !name.isEmpty { virtualHost = try Self.decoded(name) }
      rest = rest[..<slash]
    }
    if let at = rest.lastIndex(of: "@") {
      let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      user = try Self.decoded(parts[0])
      password = parts.count > 1 ? try Self.decoded(parts[1]) : ""
      rest = rest[rest.index(after: at)...]
    }
    try readHost(rest)
    if (certificate == nil) != (key == nil) {
      throw Mistake(description: "certfile and keyfile go together")
    }
    if !isSecure, authorities != nil || certificate != nil {
      throw Mistake(description: "certificates are used with amqps:// only")
    }
  }

  private mutating func readHost(_ text: Substring) throws(Mistake) {
    var name = text
    let isBracketed = text.last == "]"
    if !isBracketed, let colon = text.lastIndex(of: ":") {
      guard let number = Int(text[text.index(after: colon)...]), (1...65535).contains(number) else {
        throw Mistake(description: "its port is not a number from 1 to 65535")
      }
      port = number
      name = text[..<colon]
    }
    if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
    if !name.isEmpty { host = String(name) }
  }

  private mutating func read(_ option: Substring) throws(Mistake) {
    let parts = option.split(separator: "=", maxSplits: 1)
    // This may be the end of an unescaped password, so do not quote it.
    guard parts.count == 2 else { throw Mistake(description: "one of its options has no value") }
    let value = try Self.decoded(parts[1])
    switch (parts[0], value) {
    case ("exchange", _):
      guard value.utf8.count <= 255 else {
        throw Mistake(description: "exchange is longer than 255 bytes")
      }
      exchange = value
    case ("style", "evented"): isEventedStyle = true
    case ("style", "outrider"): isEventedStyle = false
    case ("queues", "quorum"): hasQuorumQueues = true
    case ("queues", "classic"): hasQuorumQueues = false
    case ("cacertfile", _): authorities = value
    case ("certfile", _): certificate = value
    case ("keyfile", _): key = value
    default:
      throw Mistake(
        description: "it has an unknown option; allowed are exchange, style=evented, "
          + "queues=quorum, cacertfile, certfile and keyfile")
    }
  }

  private static func decoded(_ text: Substring) throws(Mistake) -> String {
    guard let decoded = URIEncoding.decode(text) else {
      throw Mistake(description: "a % in it is not followed by two hexadecimal digits")
    }
    return decoded
  }

  /// For messages; contains no password.
  var description: String { "RabbitMQ at \(host):\(port)" }
}
