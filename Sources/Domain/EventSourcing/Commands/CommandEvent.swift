import EventModel

/// What an operator should know of the command path.
public enum CommandEvent: Sendable {
  /// A command was decided on a history of `CommandLimits.historyBytesWarned` or more: once it is
  /// larger than the logic's server takes, every command for the aggregate fails.
  case longHistory(Cover, eventCount: Int, byteCount: Int)
  /// The store took a commit.
  case appended
  /// The store did not take a commit.
  case appendFailed(StorageError)
}
