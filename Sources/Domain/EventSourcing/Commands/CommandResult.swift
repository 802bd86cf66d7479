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
