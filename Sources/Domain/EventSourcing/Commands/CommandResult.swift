import EventModel

/// What became of a command.
public struct CommandResult: Equatable, Sendable {
  /// What it appended; nil where the logic saw nothing to do.
  public var recorded: RecordedCommit?
  /// Its id was known: this is the answer of the first time, and nothing was appended.
  public var alreadyHandled = false
  /// Whether synchronous projectors and sagas are to handle it before the answer.
  var isSynchronous = false
  /// What synchronous projectors and sagas made of it.
  public var projections: [Projection] = []
  public var books: [EventBook] = []
  /// Those that failed. The events are durable all the same.
  public var failures: [ProcessorFailure] = []

  public init(recorded: RecordedCommit? = nil, alreadyHandled: Bool = false) {
    self.recorded = recorded
    self.alreadyHandled = alreadyHandled
  }
}

/// What an operator should know of the command path.
public enum CommandEvent: Sendable {
  /// A command was decided on a history of `CommandLimits.historyBytesWarned` or more: once it is
  /// larger than the logic's server takes, every command for the aggregate fails.
  case longHistory(Cover, eventCount: Int, byteCount: Int)
  /// The state of an aggregate in the function style fits into no commit, so no snapshot stores it:
  /// a process that does not have it in memory folds it anew.
  case stateTooLarge(Cover, byteCount: Int)
  /// The store took a commit. The aggregate is named where a snapshot came with it: its history is
  /// short again.
  case appended(snapshotOf: Cover?)
  /// The store did not take a commit.
  case appendFailed(StorageError)
}

/// A commit that is to be appended.
struct Decided {
  var commit: Commit
  /// Whether its events are synchronous: known from before they were encoded.
  var isSynchronous: Bool
  /// The aggregate's state after it; nil in the classic style.
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
