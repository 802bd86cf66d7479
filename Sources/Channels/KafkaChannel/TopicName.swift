import EventModel
import EventSourcing

/// The names of topics and consumer groups.
enum TopicName {
  /// Whether Kafka allows the name (`org.apache.kafka.common.internals.Topic`).
  static func isLegal(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= Limits.topicBytesMax && name != "." && name != ".."
      && name.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0))
          || "._-".unicodeScalars.contains($0)
      }
  }

  /// The topic of a domain's commits.
  static func topic(
    of domain: Name, at address: KafkaAddress
  ) throws(ChannelError) -> String {
    var part = domain.text
    // Eventuate Local's rule for the names of Java's nested classes.
    if address.values == .eventuate { part = part.replacing("$", with: "_DLR_") }
    let topic = address.topic.replacing("{domain}", with: part)
    guard isLegal(topic) else {
      throw ChannelError(
        .notPermitted,
        "domain \(domain) cannot be in the name of a topic: Kafka takes at most "
          + "\(Limits.topicBytesMax) letters, digits, . _ and -. Name another topic in the "
          + "channel's URI: topic=NAME")
    }
    return topic
  }

  /// The topic for messages that are not Outrider's.
  static func deadLetters(of topic: String) -> String { topic + ".dead" }

  /// The consumer group of a domain's command-handlers. Includes the topic: another topic is
  /// another deployment.
  static func commandGroup(of domain: Name, on topic: String) -> String {
    "outrider.\(domain).commands.\(topic)"
  }

  /// The consumer group of a subscription.
  static func group(of domain: Name, partition: UInt32, for subscription: Name) -> String {
    "outrider.\(domain).\(partition).\(subscription)"
  }
}
