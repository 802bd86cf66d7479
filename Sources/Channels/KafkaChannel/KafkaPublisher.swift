import EventModel
import EventSourcing

/// Publishes one partition's commits.
final class KafkaPublisher: ChannelPublisher {
  private let producer: Producer
  private let session: ProducerSession
  private let encoding: ValueEncoding
  private let ended: @Sendable (ChannelError?) -> Void

  /// - Parameter ended: called at `close` with the session's error, if any.
  init(
    on producer: Producer, _ session: ProducerSession, _ encoding: ValueEncoding,
    ended: @escaping @Sendable (ChannelError?) -> Void
  ) {
    self.producer = producer
    self.session = session
    self.encoding = encoding
    self.ended = ended
  }

  func publish(_ commits: [RecordedCommit]) async throws(ChannelError) {
    try session.check()
    for commit in commits {
      let messages = try encoding.messages(of: commit)
      for (index, message) in messages.enumerated() {
        let isLast = index == messages.count - 1
        try await session.produce(
          message, number: commit.position.number - (isLast ? 0 : 1), position: commit.position)
      }
    }
  }

  func confirmation(after number: UInt64) async throws(ChannelError) -> UInt64 {
    try await session.confirmation(after: number)
  }

  func close() async {
    ended(session.error)
    producer.end(session)
  }
}
