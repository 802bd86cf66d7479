import EventModel
import EventSourcing
import Wire

/// What one consumer makes of the messages of its topic, and what it makes messages of again.
struct MessageReader<Message: Sendable>: Sendable {
  struct Reading {
    let content: ChannelDelivery<Message>.Content
    /// The message as it came, where `write` does not make the same of it.
    var copy: OutgoingMessage?
  }

  /// Nil for a message that is another consumer's.
  let read: @Sendable (IncomingMessage) -> Reading?
  let write: @Sendable (Message) -> OutgoingMessage
}

extension MessageReader<RecordedCommit> {
  /// Reads one partition of a domain's log.
  ///
  /// - Parameter isShared: whether the topic has other domains' commits, too: those are theirs.
  static func log(
    of domain: Name, partition: UInt32, isShared: Bool
  ) -> MessageReader {
    MessageReader(
      read: { message in
        let named = message.header("outrider-partition")
        // One that says nothing is the first partition's, so that one consumer sets it aside.
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
  /// Reads a topic of commands, without a look into them.
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
              // A topic that is made anew counts from 0 again.
              place: "\(topic)/\(message.partition)/\(message.offset)@\(message.timestamp)")),
          copy: copy)
      }, write: { OutgoingMessage($0) })
  }
}
