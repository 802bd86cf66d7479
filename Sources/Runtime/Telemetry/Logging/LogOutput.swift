import EventModel
import Files
import Glibc
import Logging
import SidecarConfiguration
import Timing

/// Where all logs of the process go: standard error, so that standard output is a client's answer.
public struct LogOutput: Sendable {
  private let level: Logger.Level
  private let isText: Bool

  public init(_ choice: Configuration.Log) {
    level = choice.level.loggerLevel
    isText =
      switch choice.format {
      case .automatic: isatty(STDERR_FILENO) == 1
      case .text: true
      case .json: false
      }
  }

  /// A logger for one part of the program.
  public func logger(_ label: String) -> Logger {
    Logger(label: label) { label in
      var handler = LineLogHandler(
        label: label, format: { isText ? $0.textLine : $0.jsonLine }, now: Environment.live.now,
        sink: { writeAll(Array($0.utf8), to: STDERR_FILENO) })
      handler.logLevel = level
      return handler
    }
  }
}

extension LogLevel {
  fileprivate var loggerLevel: Logger.Level {
    switch self {
    case .trace: .trace
    case .debug: .debug
    case .info: .info
    case .notice: .notice
    case .warning: .warning
    case .error: .error
    case .critical: .critical
    }
  }
}
