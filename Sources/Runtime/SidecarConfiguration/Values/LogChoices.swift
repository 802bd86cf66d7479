/// The level of a log line.
public enum LogLevel: String, CaseIterable, Sendable {
  case trace, debug, info, notice, warning, error, critical
}

/// The format of the log.
public enum LogFormatChoice: String, CaseIterable, Sendable {
  /// Text on a terminal, JSON elsewhere.
  case automatic
  case text
  case json
}
