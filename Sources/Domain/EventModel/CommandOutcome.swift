/// How a command ended that somebody else carried out: once, for good.
public enum CommandEnd: Equatable, Sendable {
  /// It led to events. They stand there.
  case appended(EventSpan, Position)
  /// The logic saw nothing to do.
  case nothingToDo
  /// The logic, or the command-handler, said no: a gRPC status code, and what it said.
  case refused(code: Int, message: String)
  /// Its time was up before it could be carried out.
  case expired
  /// It was taken back before it was due.
  case cancelled
}

/// Events of one commit: an aggregate's, one after the other.
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
