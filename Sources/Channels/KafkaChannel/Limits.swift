/// The bounds and times of the adapter.
enum Limits {
  /// To find a broker and to ask it for a topic, when a session begins.
  static let openTimeoutMilliseconds: Int32 = 3000
  /// To create a topic.
  static let createTimeoutMilliseconds: Int32 = 10_000
  /// The broker confirms nothing for that long: its sessions fail.
  static let stallMax = Duration.seconds(15)
  /// The same, once all connections are gone. One that is made again in time costs nothing.
  static let outageMax = Duration.seconds(1)
  /// How long delivery reports are waited for after the library refuses to go on.
  static let drainMax = Duration.seconds(1)
  /// A consumer's last commit, and its leave from the group.
  static let closeMax = Duration.seconds(3)
  /// Between two commits of a consumer.
  static let commitInterval = Duration.milliseconds(200)
  /// How long a thread waits for events before it looks at the time.
  static let pollMilliseconds: Int32 = 250
  /// The same, while messages are waited for and other events are not looked at.
  static let messagePollMilliseconds: Int32 = 50
  /// How long a broker may keep a consumer's request while it has nothing for it. Kafka answers at
  /// once when something comes; brokers of other makes keep it to the end.
  static let fetchWaitMilliseconds = 50
  /// What a consumer has fetched and not taken in.
  static let fetchedKilobytes = 16384
  /// A consumer whose process died is out of its group after that: the least that brokers allow
  /// unless they are told otherwise.
  static let sessionTimeoutMilliseconds = 6000
  /// How long the end of a topic of dead letters may keep a reader waiting without a message.
  static let readStallMax = Duration.seconds(10)
  /// Dead letters that are retried or dropped at once.
  static let lettersPerBatch = 100
  static let letterBytesPerBatch = 16 << 20
  /// The library's own bound, at its highest: the broker's decides.
  static let messageBytesMax = 1_000_000_000
  /// Topic names (Kafka's `Topic.MAX_NAME_LENGTH`), with room for the ending of dead letters.
  static let topicBytesMax = 249 - 5
}
