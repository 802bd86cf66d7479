/// What happened to an instance of a saga.
public enum SagaInput: Equatable, Sendable {
  /// Events of one commit, in a domain that the saga follows.
  case events(EventBook)
  /// A command that the instance sent has ended.
  case outcome(SagaOutcome)
  /// A timer that the instance set has come due.
  case timer(SagaTimer)
}

/// How a command of an instance ended.
public struct SagaOutcome: Equatable, Sendable {
  public var command: PendingCommand
  /// The `evented.CommandBook` as it was sent.
  public var encoded: Bytes
  public var end: CommandEnd
  /// What it led to.
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

/// What the logic of a saga answers to an input.
public struct SagaReaction: Equatable, Sendable {
  public var commands: [SagaCommand]
  /// The new state, an `Any` in wire form; nil: it stays as it was.
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

/// A command that a saga wants sent.
public struct SagaCommand: Equatable, Sendable {
  public var cover: Cover
  /// The `evented.CommandBook`, complete but for id and cause, which follow from its place.
  public var encoded: Bytes

  public init(cover: Cover, encoded: Bytes) {
    self.cover = cover
    self.encoded = encoded
  }
}
