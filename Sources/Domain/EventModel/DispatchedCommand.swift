import Names

/// A command that was accepted for asynchronous execution.
public struct DispatchedCommand: Equatable, Sendable {
  /// The command, with its id.
  public var command: Command
  /// The earliest execution time; nil: at once.
  public var notBefore: Timestamp?
  /// The command is not executed from this time on; nil: it never expires.
  public var expiresAt: Timestamp?

  public init(_ command: Command, notBefore: Timestamp? = nil, expiresAt: Timestamp? = nil) {
    self.command = command
    self.notBefore = notBefore
    self.expiresAt = expiresAt
  }
}

/// The time of a dispatched command with `notBefore` has come.
public struct DueCommand: Equatable, Sendable {
  @Bytewise public var commandID: String
  /// The event that dispatched it.
  public var dispatched: SequenceNumber

  public init(commandID: String, dispatched: SequenceNumber) {
    self.commandID = commandID
    self.dispatched = dispatched
  }
}

/// A dispatched command has ended.
public struct EndedCommand: Equatable, Sendable {
  @Bytewise public var commandID: String
  public var end: CommandEnd
  /// The event that dispatched it.
  public var dispatched: SequenceNumber

  public init(commandID: String, _ end: CommandEnd, dispatched: SequenceNumber) {
    self.commandID = commandID
    self.end = end
    self.dispatched = dispatched
  }
}

/// Names a dispatched command by its aggregate and its id there.
public struct CommandReference: Hashable, Sendable {
  public var cover: Cover
  @Bytewise public var commandID: String

  public init(cover: Cover, commandID: String) {
    self.cover = cover
    self.commandID = commandID
  }
}

extension CommandReference: CustomStringConvertible {
  public var description: String { "\(cover)/\(commandID)" }
}
