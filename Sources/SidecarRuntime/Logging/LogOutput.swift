import EventModel
import Glibc
import Logging

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
        label: label, format: { isText ? $0.textLine : $0.jsonLine }, now: wallClock,
        sink: writeToStandardError)
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

private let wallClock: @Sendable () -> Timestamp = {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
}

/// Writes a line whole, so that lines of several threads never mix. A log that cannot be written is
/// lost: there is nowhere to say so.
private let writeToStandardError: @Sendable (String) -> Void = { line in
  var line = line
  line.withUTF8 { bytes in
    var rest = UnsafeRawBufferPointer(bytes)
    while !rest.isEmpty {
      let count = write(STDERR_FILENO, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }
}
