/// How important a thing must be to be logged.
public enum LogLevel: String, CaseIterable, Sendable {
  case trace, debug, info, notice, warning, error, critical
}

/// How the log is written.
public enum LogFormatChoice: String, CaseIterable, Sendable {
  /// Text where a person watches on a terminal, JSON everywhere else.
  case automatic
  case text
  case json
}
