import Names

/// One input of a saga's instance with all its effects: one event of the instance's stream.
public struct SagaStep: Equatable, Sendable {
  /// The input that the step reacts to.
  public enum Trigger: Equatable, Sendable {
    case events(Cover, EventSpan)
    case outcome(PendingCommand, CommandEnd, endedAt: Timestamp)
    case timer(SagaTimer)
  }

  public var trigger: Trigger
  public var commands: [SagaCommand]
  /// Places of the commands that wait for an earlier command to the same aggregate.
  public var queued: [UInt32]
  /// Timers that the step sets.
  public var timers: [SagaTimer]
  /// Timers that must not fire any more: cancelled, replaced, or left when the instance finished.
  public var cancelledTimers: [SagaTimer]
  public var isFinished: Bool
  /// The number of steps of sagas in the chain of causes before this one.
  public var depth: UInt32
  /// The input itself, if it still waits for a reaction. The step has no effects then.
  public var waiting: SagaInput?

  public init(
    trigger: Trigger, commands: [SagaCommand] = [], queued: [UInt32] = [],
    timers: [SagaTimer] = [], cancelledTimers: [SagaTimer] = [], isFinished: Bool = false,
    depth: UInt32 = 0,
    waiting: SagaInput? = nil
  ) {
    self.trigger = trigger
    self.commands = commands
    self.queued = queued
    self.timers = timers
    self.cancelledTimers = cancelledTimers
    self.isFinished = isFinished
    self.depth = depth
    self.waiting = waiting
  }
}

extension SagaInput {
  /// The trigger that the step records for this input.
  public var trigger: SagaStep.Trigger {
    switch self {
    case .events(let book):
      .events(book.cover, EventSpan(book.pages))
    case .outcome(let outcome):
      .outcome(outcome.command, outcome.end, endedAt: outcome.endedAt)
    case .timer(let timer): .timer(timer)
    }
  }
}

/// The current state of a saga's instance: the snapshot of its stream.
public struct SagaState: Equatable, Sendable {
  public var key: Name
  /// The logic's own state, an `Any` in wire form; nil if it gave none.
  public var state: Bytes?
  /// Commands that have not ended.
  public var pending: [PendingCommand]
  /// Timers that are set.
  public var timers: [SagaTimer]
  public var isFinished: Bool
  /// Steps before this sequence may hold waiting inputs; 0: none do.
  public var waitingUntil: SequenceNumber
  public var startedAt: Timestamp

  public init(
    key: Name, state: Bytes? = nil, pending: [PendingCommand] = [], timers: [SagaTimer] = [],
    isFinished: Bool = false, waitingUntil: SequenceNumber = .first, startedAt: Timestamp
  ) {
    self.key = key
    self.state = state
    self.pending = pending
    self.timers = timers
    self.isFinished = isFinished
    self.waitingUntil = waitingUntil
    self.startedAt = startedAt
  }
}

/// A command of an instance, sent or still to be sent.
public struct PendingCommand: Hashable, Sendable {
  /// The sequence of the step that sends it.
  public var sequence: SequenceNumber
  /// Its place among the commands of that step.
  public var index: UInt32
  public var cover: Cover
  /// The command id that it is sent with.
  @Bytewise public var id: String

  public init(sequence: SequenceNumber, index: UInt32, cover: Cover, id: String) {
    self.sequence = sequence
    self.index = index
    self.cover = cover
    self.id = id
  }
}

/// A timer of an instance.
public struct SagaTimer: Hashable, Sendable {
  public var name: Name
  public var due: Timestamp
  /// The sequence of the step that set it.
  public var setBy: SequenceNumber
  /// Its place among the timers of that step.
  public var index: UInt32

  public init(name: Name, due: Timestamp, setBy: SequenceNumber, index: UInt32) {
    self.name = name
    self.due = due
    self.setBy = setBy
    self.index = index
  }
}
