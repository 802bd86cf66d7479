/// An input to an instance of a saga.
public enum SagaInput: Equatable, Sendable {
  /// Events of one commit, in a domain that the saga follows.
  case events(EventBook)
  /// A command that the instance sent has ended.
  case outcome(SagaOutcome)
  /// A timer that the instance set has come due.
  case timer(SagaTimer)
}

/// The outcome of an instance's command.
public struct SagaOutcome: Equatable, Sendable {
  public var command: PendingCommand
  /// The `evented.CommandBook` as it was sent.
  public var encoded: Bytes
  public var end: CommandEnd
  /// The events that the command led to.
  public var events: EventBook?
  public var endedAt: Timestamp

  public init(
    of command: PendingCommand, encoded: Bytes = [], end: CommandEnd, events: EventBook? = nil,
    endedAt: Timestamp
  ) {
    self.command = command
    self.encoded = encoded
    self.end = end
    self.events = events
    self.endedAt = endedAt
  }
}

/// The reaction of a saga's logic to an input.
public struct SagaReaction: Equatable, Sendable {
  public var commands: [SagaCommand]
  /// The new state, an `Any` in wire form; nil: unchanged.
  public var state: Bytes?
  public var timers: [(name: Name, due: Timestamp)]
  public var cancelledTimers: [Name]
  public var isFinished: Bool

  public init(
    commands: [SagaCommand] = [], state: Bytes? = nil, timers: [(name: Name, due: Timestamp)] = [],
    cancelledTimers: [Name] = [], isFinished: Bool = false
  ) {
    self.commands = commands
    self.state = state
    self.timers = timers
    self.cancelledTimers = cancelledTimers
    self.isFinished = isFinished
  }

  public static func == (left: SagaReaction, right: SagaReaction) -> Bool {
    left.commands == right.commands && left.state == right.state
      && left.timers.elementsEqual(right.timers, by: ==)
      && left.cancelledTimers == right.cancelledTimers && left.isFinished == right.isFinished
  }
}

/// A command that a saga sends.
public struct SagaCommand: Equatable, Sendable {
  public var cover: Cover
  /// The `evented.CommandBook`, complete except for id and cause, which follow from its place.
  public var encoded: Bytes

  public init(cover: Cover, encoded: Bytes) {
    self.cover = cover
    self.encoded = encoded
  }
}
