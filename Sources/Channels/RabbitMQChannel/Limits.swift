/// The bounds and timeouts of the adapter.
enum Limits {
  /// Timeout to connect, to log in, and for each answer to a declaration.
  static let connectTimeoutSeconds = 5
  /// A connection is given up after twice this time without a sign of the broker.
  static let heartbeatSeconds: Int32 = 10
  /// Messages written before incoming frames are checked, where a broker reports that it is low
  /// on memory or disk.
  static let messagesPerPass = 64
  /// Wait for another call that works on the same dead letters.
  static let lockWaitMax = Duration.seconds(10)
  static let lockRetryMicroseconds: UInt32 = 50_000
  /// Dead letters retried before their confirms are awaited.
  static let lettersPerBatch = 100
  static let letterBytesPerBatch = 4 << 20
  /// AMQP channels of one connection; RabbitMQ's own limit is 2047.
  static let sessionsMax = 2000
  /// Queue names and routing keys (AMQP 0-9-1, short strings).
  static let nameBytesMax = 255
}
