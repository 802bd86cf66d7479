/// What a process does.
public enum Role: String, CaseIterable, Sendable {
  /// Takes commands, and asks business logic.
  case commandHandler = "command-handler"
  /// Answers queries for events, projections and the log.
  case queryHandler = "query-handler"
  /// Feeds projector logic.
  case projector = "projector"
}
