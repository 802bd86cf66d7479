internal import EventModel
public import FoundationEssentials
internal import Wire

/// What an input of a saga leads to.
public struct SagaReaction: Sendable {
  /// Names the instance: a correlation, a header's value, or a root, as configured.
  public let key: String
  var answer = OutriderV1.SagaAnswer()

  init(key: String) { self.key = key }

  /// Sends a command. Its end comes back as an outcome; commands to one aggregate keep their order.
  ///
  /// - Parameter expected: the sequence of the aggregate's next event; the command is refused where
  ///   the aggregate stands elsewhere.
  public mutating func send(
    _ command: some Payload, to root: UUID, in domain: String, expected: UInt32? = nil
  ) throws {
    answer.commands.append(
      Evented.CommandBook(
        cover: Cover(domain: domain, root: root),
        pages: [Evented.CommandPage(command: try AnyPayload(command).any)],
        expected: expected.map { SequenceNumber($0) }))
  }

  /// Fires once, that long from now. A timer of the same name that is set already is replaced.
  public mutating func setTimer(_ name: String, after duration: Duration) {
    answer.timers.append(.init(name: Name(name), after: duration))
  }

  public mutating func cancelTimer(_ name: String) { answer.cancelledTimers.append(Name(name)) }

  /// The instance gets no input any more. Its commands are sent all the same.
  public mutating func finish() { answer.isFinished = true }
}

/// How a command of a saga ended, for good. It was sent until an answer said so.
public struct Outcome: Sendable {
  public let domain: String
  public let root: UUID
  /// What it led to. Empty: the logic saw nothing to do, or the command was not carried out.
  public let events: [AnyPayload]
  /// Why it was not carried out; nil where it was.
  public let refusal: Refused?
}
