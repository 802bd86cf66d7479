import EventModel

/// The bounds of the command path, and what happens at each.
public struct CommandLimits: Sendable {
  /// Bytes of one commit's pages and snapshot; a larger one is refused with INVALID_ARGUMENT.
  /// That leaves a quarter of a message of 4 MiB for the rest: cover, ids, headers, a projection,
  /// a command.
  public var commitBytesMax = 3 << 20
  /// Whether a snapshot may have any size, because it need not be in its commit.
  public var snapshotsLieElsewhere = false
  /// Bytes of history sent with a command at which `CommandEvent.longHistory` warns: a gRPC peer
  /// takes 4 MiB unless configured otherwise.
  public var historyBytesWarned = 1 << 20
  /// Commands waiting for one root; the next one is refused with RESOURCE_EXHAUSTED.
  public var waitingPerRootMax = 1000
  /// Attempts for one command when other writers win; then ABORTED.
  public var attemptsMax = 5

  public init() {}
}

/// The result of a command.
public struct CommandResult: Equatable, Sendable {
  /// The appended commit; nil if the logic saw nothing to do.
  public var recorded: RecordedCommit?
  /// True for a repeat: `recorded` is the first commit, and nothing was appended.
  public var alreadyHandled = false
  /// Whether synchronous projectors and sagas must handle it before the answer.
  var isSynchronous = false
  /// Results of the synchronous projectors and sagas.
  public var projections: [Projection] = []
  public var books: [EventBook] = []
  /// The processors that failed. The events are durable all the same.
  public var failures: [ProcessorFailure] = []

  public init(recorded: RecordedCommit? = nil, alreadyHandled: Bool = false) {
    self.recorded = recorded
    self.alreadyHandled = alreadyHandled
  }
}

/// Events on the command path that concern an operator.
public enum CommandEvent: Sendable {
  /// A command was decided on a history of `CommandLimits.historyBytesWarned` or more. Once the
  /// history exceeds the message size that the logic's server accepts, every command for the
  /// aggregate fails.
  case longHistory(Cover, eventCount: Int, byteCount: Int)
  /// An aggregate's state in the function style is larger than a commit, so no snapshot stores
  /// it. A process without it in memory folds all events again.
  case stateTooLarge(Cover, byteCount: Int)
  /// The store took a commit. Names the aggregate if a snapshot came with it: its history is
  /// short again.
  case appended(snapshotOf: Cover?)
  /// The store failed to take a commit.
  case appendFailed(StorageError)
}

/// A commit to append.
struct Decided {
  var commit: Commit
  /// Whether its events are synchronous: known before they were encoded.
  var isSynchronous: Bool
  /// The aggregate's state after the commit; nil in the classic style.
  var state: Bytes?
}

extension CommandResult {
  init(_ decided: Decided, at position: Position) {
    self.init(recorded: RecordedCommit(position: position, commit: decided.commit))
    isSynchronous = decided.isSynchronous
  }

  init(repeating earlier: RecordedCommit) {
    self.init(recorded: earlier, alreadyHandled: true)
    isSynchronous = earlier.commit.pages.hasSynchronous
  }
}
