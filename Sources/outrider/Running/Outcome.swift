import ArgumentParser
import Glibc
import JSON
import LogicProcesses
import RPC
import RPCTransport
import SidecarConfiguration

/// The meaning of exit codes. Those above 63 are from sysexits(3).
enum Outcome: Int32, CaseIterable {
  case ok = 0
  case refused = 1
  case warning = 2
  case failing = 3
  case usage = 64
  case badData = 65
  case noInput = 66
  case unavailable = 69
  case software = 70
  case output = 74
  case tryAgain = 75
  case configuration = 78

  /// Its description, for help.
  var meaning: String {
    switch self {
    case .ok: "done"
    case .refused: "refused by the server or the logic; the same request is refused again"
    case .warning: "`status` found something that will fail if nobody acts"
    case .failing: "`status` found something that does not work"
    case .usage: "the command line is wrong"
    case .badData: "a file or an input holds something else than it should"
    case .noInput: "a file or a program cannot be read or started"
    case .unavailable: "nobody answers, or a part that is needed is away"
    case .software: "a bug, here or in what answered"
    case .output: "the output cannot be written"
    case .tryAgain: "it may succeed if it is tried again"
    case .configuration: "the configuration is wrong"
    }
  }

  /// The table of all exit codes, one a line.
  static var table: String {
    allCases.map { "\(padded("\($0.rawValue)", 4))\($0.meaning)" }.joined(separator: "\n")
  }
}

extension Outcome {
  /// Maps an error to its outcome.
  init(_ error: any Error) {
    self =
      switch error {
      case OutputFailure.closed: .ok
      case is OutputFailure: .output
      case let failure as Failure: failure.outcome
      case is ValidationError: .usage
      case let status as RPCStatus: Outcome(status)
      case let error as ConfigurationError:
        error.isOfUnreadableFile ? .noInput : .configuration
      case let error as SidecarError: Outcome(error.kind)
      case let error as SpawnError: error.code == EADDRINUSE ? .unavailable : .noInput
      case let error as TransportError: Outcome(error.kind)
      case is CancellationError: .tryAgain
      default: .software
      }
  }

  /// Maps a call's status to its outcome.
  ///
  /// RESOURCE_EXHAUSTED is worth a retry only if the server says when: a message that is too large
  /// stays too large.
  init(_ status: RPCStatus) {
    self =
      switch status.code {
      case .ok: .ok
      case .unavailable: .unavailable
      case .deadlineExceeded, .aborted, .cancelled: .tryAgain
      case .resourceExhausted:
        status.details.contains { $0.typeURL.hasSuffix("/google.rpc.RetryInfo") }
          ? .tryAgain : .refused
      case .internal, .unknown, .dataLoss: .software
      case .invalidArgument, .notFound, .alreadyExists, .permissionDenied, .failedPrecondition,
        .outOfRange, .unimplemented, .unauthenticated:
        .refused
      }
  }

  private init(_ kind: SidecarError.Kind) {
    self =
      switch kind {
      case .configuration: .configuration
      case .unreadableFile: .noInput
      case .badFile: .badData
      case .unavailable: .unavailable
      }
  }

  private init(_ kind: TransportError.Kind) {
    self =
      switch kind {
      case .badAddress: .usage
      case .unreadableFile: .noInput
      case .badCertificate: .badData
      case .addressInUse, .cannotListen, .tooManyConnections, .shutDown: .unavailable
      }
  }
}

extension Outcome {
  /// Reports the error on standard error, unless it needs no report, and exits.
  ///
  /// - Parameter command: the command as typed: `outrider events`.
  static func exit(after error: any Error, of command: String) -> Never {
    // The parser throws help as an error.
    if Outrider.exitCode(for: error) == .success { Outrider.exit(withError: error) }
    let outcome = Outcome(error)
    switch error {
    case OutputFailure.closed: break
    case let code as ExitCode: Glibc.exit(code.rawValue)
    case is CancellationError: complain("it was cancelled")
    // The message comes from the server, so its line ends are escaped, too.
    case let status as RPCStatus: complain("\(status)".displayed)
    default: complain("\(error)")
    }
    if outcome == .usage { explain("See '\(command) --help'.") }
    Glibc.exit(outcome.rawValue)
  }
}

/// Why a subcommand failed.
struct Failure: Error, CustomStringConvertible {
  let outcome: Outcome
  let description: String

  init(_ outcome: Outcome, _ description: String) {
    self.outcome = outcome
    self.description = description
  }
}
