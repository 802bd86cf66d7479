import EventModel
import EventSourcing

/// The names of routing keys and queues.
struct BrokerNames {
  let routingKey: String

  /// `DOMAIN.PARTITION`. Escapes characters with a meaning in bindings.
  init(domain: Name, partition: UInt32) throws(ChannelError) {
    routingKey = "\(Self.escaped(domain)).\(partition)"
    try Self.check(routingKey, domain)
  }

  /// `EXCHANGE.DOMAIN.PARTITION.SUBSCRIPTION`, with `%2E` for a dot in the domain's name.
  static func queue(
    on exchange: String, of domain: Name, partition: UInt32, for subscription: Name
  ) throws(ChannelError) -> String {
    let plain = domain.text.split(separator: ".", omittingEmptySubsequences: false)
      .joined(separator: "%2E")
    let name = "\(exchange).\(plain).\(partition).\(subscription)"
    try check(name, domain)
    return name
  }

  /// The queue of a queue's dead letters.
  static func deadLetters(of queue: String) -> String { queue + ".dead" }

  /// An exclusive queue that serves as a lock: one call at a time works on the dead letters.
  static func lock(of queue: String) -> String { queue + ".lock" }

  private static func escaped(_ domain: Name) -> String {
    domain.text.unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "*": text += "%2A"
      case "#": text += "%23"
      case "%": text += "%25"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }

  private static func check(_ name: String, _ domain: Name) throws(ChannelError) {
    // Leaves room for the suffixes of dead letters and of their lock.
    guard name.utf8.count <= Limits.nameBytesMax - 5 else {
      throw ChannelError(
        .notPermitted,
        "domain \(domain) has a name that is too long for RabbitMQ: with exchange, partition "
          + "and subscription it may have 250 bytes")
    }
  }
}
