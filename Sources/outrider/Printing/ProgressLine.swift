import Files
import Glibc
import JSON
import Timing

/// A progress line on the terminal. Shows nothing if standard error is not a terminal.
struct ProgressLine {
  private static let interval = Duration.milliseconds(200)

  private let isShown = isatty(STDERR_FILENO) == 1
  private var next = Environment.live.instant() + interval
  private var isOnScreen = false

  /// Replaces the line, a few times a second.
  mutating func show(_ text: @autoclosure () -> String) {
    guard isShown, Environment.live.instant() >= next else { return }
    next = Environment.live.instant() + Self.interval
    isOnScreen = true
    write("\r\u{1B}[K\(text().displayed)")
  }

  /// Removes the line.
  mutating func clear() {
    guard isOnScreen else { return }
    isOnScreen = false
    write("\r\u{1B}[K")
  }

  private func write(_ text: String) { writeAll(Array(text.utf8), to: STDERR_FILENO) }
}
