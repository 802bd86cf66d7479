import ArgumentParser
import EventModel
import JSON
import Payloads
import SidecarConfiguration
import Timing
import Wire

/// Options of asynchronous commands.
struct DispatchOptions: ParsableArguments {
  @Flag(
    name: .customLong("async"),
    help: """
      Hand the command over and come back at once: it is stored, and executed asynchronously. \
      Shows DOMAIN/ROOT/ID, which `outrider command` takes.
      """)
  var isAsync = false

  @Option(
    help: ArgumentHelp(
      "With --async: not before this time, such as 2026-03-01T09:00:00Z, or so long from now.",
      valueName: "time|duration"),
    transform: DueTime.init(argument:))
  var notBefore: DueTime?

  @Option(
    help: ArgumentHelp(
      """
      With --async: not later than so long after now, or after --not-before. What could not be \
      carried out until then has expired.
      """, valueName: "duration"),
    transform: span)
  var expiresIn: Duration?

  func validate() throws {
    if !isAsync, notBefore != nil || expiresIn != nil {
      throw ValidationError("--not-before and --expires-in are for a command that is sent --async")
    }
  }

  /// The command with its times from the options.
  func dispatched(_ command: Command, at now: Timestamp) -> DispatchedCommand {
    let due = notBefore.map { $0.time(after: now) }
    return DispatchedCommand(
      command, notBefore: due, expiresAt: expiresIn.map { (due ?? now).advanced(by: $0) })
  }

  private static func span(_ text: String) throws -> Duration {
    guard let duration = Duration(configured: text) else {
      throw ValidationError(
        "a number and a unit (ms, s, m or h) is expected, such as 90s, up to 24h")
    }
    return duration
  }
}

/// The due time: absolute, or relative to now.
enum DueTime: Equatable {
  case at(Timestamp)
  case after(Duration)

  init(argument: String) throws {
    if let duration = Duration(configured: argument) {
      self = .after(duration)
    } else if let time = RFC3339(argument) {
      self = .at(Timestamp(seconds: time.seconds, nanoseconds: time.nanoseconds))
    } else {
      throw ValidationError(
        "a time such as 2026-03-01T09:00:00Z, or a duration such as 90s, up to 24h, is expected")
    }
  }

  func time(after now: Timestamp) -> Timestamp {
    switch self {
    case .at(let time): time
    case .after(let duration): now.advanced(by: duration)
    }
  }
}

extension OutriderV1.DispatchReceipt {
  var text: String { "\(reference)" + (alreadyDispatched ? "  dispatched before" : "") }

  var object: JSONValue {
    .object(
      reference.members + [.init("alreadyDispatched", .bool(alreadyDispatched))])
  }
}
