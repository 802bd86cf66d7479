import EventModel
import Files
import Glibc
import Logging
import SidecarConfiguration
import Synchronization
import Timing

/// The output of all logs: standard error, so that standard output stays free for a client's
/// answer.
public struct LogOutput: Sendable {
  private let level: SharedLogLevel
  private let isText: Bool

  public init(_ choice: Configuration.Log) {
    level = SharedLogLevel(choice.level.loggerLevel)
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
      LineLogHandler(
        label: label, format: { isText ? $0.textLine : $0.jsonLine }, now: Environment.live.now,
        sink: { writeAll(Array($0.utf8), to: STDERR_FILENO) }, sharedLevel: level)
    }
  }

  /// Sets the level of every logger made here, unless it has one of its own.
  public func setLevel(_ level: LogLevel) {
    self.level.set(level.loggerLevel)
  }
}

/// The shared level of several loggers.
final class SharedLogLevel: Sendable {
  private static let levels = Logger.Level.allCases

  /// Index into `levels`.
  private let index: Atomic<Int>

  init(_ level: Logger.Level) { index = Atomic(Self.index(of: level)) }

  var current: Logger.Level { Self.levels[index.load(ordering: .relaxed)] }

  func set(_ level: Logger.Level) { index.store(Self.index(of: level), ordering: .relaxed) }

  private static func index(of level: Logger.Level) -> Int { levels.firstIndex(of: level) ?? 0 }
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
