/// The bounds and timeouts of the adapter.
enum Limits {
  /// Time to find a broker and look up a topic when a session begins.
  static let openTimeoutMilliseconds: Int32 = 3000
  /// Time to create a topic.
  static let createTimeoutMilliseconds: Int32 = 10_000
  /// Sessions fail if the broker confirms nothing for this long.
  static let stallMax = Duration.seconds(15)
  /// The same if all connections are lost. A reconnection within this time costs nothing.
  static let outageMax = Duration.seconds(1)
  /// Wait for delivery reports after a fatal error of the library.
  static let drainMax = Duration.seconds(1)
  /// Time for a consumer's last commit, and for leaving the group.
  static let closeMax = Duration.seconds(3)
  /// Interval between a consumer's commits.
  static let commitInterval = Duration.milliseconds(200)
  /// Longest wait for events before a thread checks the time.
  static let pollMilliseconds: Int32 = 250
  /// The same while a thread waits for messages and checks no other events.
  static let messagePollMilliseconds: Int32 = 50
  /// How long a broker may hold a fetch request without messages. Kafka answers at once when a
  /// message arrives; brokers of other makes hold it to the end.
  static let fetchWaitMilliseconds = 50
  /// Fetched messages that a consumer has not taken.
  static let fetchedKilobytes = 16384
  /// Time until a dead consumer leaves its group: the least that brokers allow by default.
  static let sessionTimeoutMilliseconds = 6000
  /// Longest wait without a message while reading to the end of a dead letter topic.
  static let readStallMax = Duration.seconds(10)
  /// Dead letters retried or dropped at once.
  static let lettersPerBatch = 100
  static let letterBytesPerBatch = 16 << 20
  /// The library's own bound, set to its maximum, so that the broker's bound decides.
  static let messageBytesMax = 1_000_000_000
  /// The longest topic name (Kafka's `Topic.MAX_NAME_LENGTH`), with room for the suffix of dead
  /// letters.
  static let topicBytesMax = 249 - 5
}
