import StatusCodes

/// The final outcome of a dispatched command.
public enum CommandEnd: Equatable, Sendable {
  /// The command led to these events.
  case appended(EventSpan, Position)
  /// The logic saw nothing to do.
  case nothingToDo
  /// The logic or the command-handler refused; never with OK.
  case refused(StatusCode, message: String)
  /// The command expired before it was executed.
  case expired
  /// The command was cancelled before it was due.
  case cancelled
}

/// Consecutive events of one aggregate, from one commit.
public struct EventSpan: Hashable, Sendable {
  public var first: SequenceNumber
  public var count: UInt32

  public init(first: SequenceNumber, count: UInt32) {
    self.first = first
    self.count = count
  }

  /// The events of a block that is not empty.
  public init(_ pages: PageBlock) {
    self.init(first: pages.first, count: UInt32(pages.count))
  }
}
