import EventModel
import EventSourcing
import Wire

/// Decodes and encodes the messages of a consumer's topic.
struct MessageReader<Message: Sendable>: Sendable {
  struct Reading {
    let content: ChannelDelivery<Message>.Content
    /// The original message, if `write` cannot restore it.
    var copy: OutgoingMessage?
  }

  /// Nil for a message for another consumer.
  let read: @Sendable (IncomingMessage) -> Reading?
  let write: @Sendable (Message) -> OutgoingMessage
}

extension MessageReader<RecordedCommit> {
  /// Reads one partition of a domain's log.
  ///
  /// - Parameter isShared: whether the topic also carries other domains' commits, to be skipped.
  static func log(
    of domain: Name, partition: UInt32, isShared: Bool
  ) -> MessageReader {
    MessageReader(
      read: { message in
        let named = message.header("outrider-partition")
        // A message without a partition counts as the first partition's, so that one consumer
        // sets it aside.
        guard UInt32(named ?? "0") ?? 0 == partition else { return nil }
        do {
          let commit = try RecordedCommit(
            message: message.body, commitID: message.header(EventMessage.commitIDHeader))
          guard commit.position.partition == partition,
            !isShared || commit.commit.cover.domain == domain
          else { return nil }
          return Reading(content: .message(commit))
        } catch {
          return Reading(
            content: .malformed("it is no event book of Outrider: \(error)"), copy: message.copy)
        }
      }, write: { OutgoingMessage($0) })
  }
}

extension MessageReader<ChannelMessage> {
  /// Reads a topic of commands, without decoding them.
  static func messages(of topic: String) -> MessageReader {
    MessageReader(
      read: { message in
        let copy = message.copy
        let headers = copy.headers.map { name, value in
          ChannelMessage.Header(name: name, value: String(decoding: value, as: UTF8.self))
        }
        return Reading(
          content: .message(
            ChannelMessage(
              key: copy.key ?? [], headers: headers, body: copy.body ?? [],
              // The timestamp distinguishes a recreated topic, whose offsets start at 0 again.
              place: "\(topic)/\(message.partition)/\(message.offset)@\(message.timestamp)")),
          copy: copy)
      }, write: { OutgoingMessage($0) })
  }
}
