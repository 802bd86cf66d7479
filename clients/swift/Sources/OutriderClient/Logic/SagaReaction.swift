internal import EventModel
public import FoundationEssentials
internal import Wire

/// The reaction of a saga to an input.
public struct SagaReaction: Sendable {
  /// Names the instance: a correlation, a header's value, or a root, as configured.
  public let key: String
  var answer = OutriderV1.SagaAnswer()

  init(key: String) { self.key = key }

  /// Sends a command. Its end is delivered as an outcome; commands to one aggregate stay in order.
  ///
  /// - Parameter expected: the required sequence of the aggregate's next event; otherwise the
  ///   command is refused.
  public mutating func send(
    _ command: some Payload, to root: UUID, in domain: String, expected: UInt32? = nil
  ) throws {
    answer.commands.append(
      Evented.CommandBook(
        cover: Cover(domain: domain, root: root),
        pages: [Evented.CommandPage(command: try AnyPayload(command).any)],
        expected: expected.map { SequenceNumber($0) }))
  }

  /// Sets a timer that fires once, after `duration`. Replaces an earlier timer of the same name.
  public mutating func setTimer(_ name: String, after duration: Duration) {
    answer.timers.append(.init(name: Name(name), after: duration))
  }

  public mutating func cancelTimer(_ name: String) { answer.cancelledTimers.append(Name(name)) }

  /// Ends the instance: it gets no more input. Its commands are still sent.
  public mutating func finish() { answer.isFinished = true }
}

/// The final outcome of a saga's command, which is retried until there is one.
public struct Outcome: Sendable {
  public let domain: String
  public let root: UUID
  /// Its events. Empty: the logic had nothing to do, or the command was refused.
  public let events: [AnyPayload]
  /// The refusal; nil if the command succeeded.
  public let refusal: Refused?
}
