/// The bounds and times of the adapter.
enum Limits {
  /// To connect, to log in, and for each answer to a declaration.
  static let connectTimeoutSeconds = 5
  /// A connection whose broker says nothing for twice that long is given up.
  static let heartbeatSeconds: Int32 = 10
  /// Messages that are written before incoming frames are looked at: a broker that is short of
  /// memory or disk says so there.
  static let messagesPerPass = 64
  /// How long another call may work on the same dead letters.
  static let lockWaitMax = Duration.seconds(10)
  static let lockRetryMicroseconds: UInt32 = 50_000
  /// Dead letters that are retried before their confirms are waited for.
  static let lettersPerBatch = 100
  static let letterBytesPerBatch = 4 << 20
  /// AMQP channels of one connection; RabbitMQ's own limit is 2047.
  static let sessionsMax = 2000
  /// Queue names and routing keys (AMQP 0-9-1, short strings).
  static let nameBytesMax = 255
}
