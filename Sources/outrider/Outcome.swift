import ArgumentParser
import Glibc
import JSON
import ProtobufJSON
import RPC
import SidecarRuntime

/// What a script learns from the exit code. Those above 63 are the ones of sysexits(3).
enum Outcome: Int32 {
  case ok = 0
  /// A server or the logic was reached, and said no.
  case refused = 1
  /// The command line is wrong.
  case usage = 64
  /// A file's content is not what it should be.
  case badData = 65
  /// A file cannot be read.
  case noInput = 66
  /// Nobody answers, or a part that is needed is away.
  case unavailable = 69
  /// A bug, here or there.
  case software = 70
  /// It may succeed if it is tried again.
  case tryAgain = 75
  /// The configuration is wrong.
  case configuration = 78

  static let help = """
    Exit codes: 0 done, 1 refused by the server or the logic, 64 wrong usage, 65 wrong content of \
    a file, 66 unreadable file, 69 nobody answers, 70 bug, 75 worth trying again, 78 wrong \
    configuration.
    """

  /// Says what went wrong on standard error, where it is worth saying, and ends the process.
  static func exit(after error: any Error) -> Never {
    switch error {
    case is OutputClosed: Glibc.exit(ok.rawValue)
    case let failure as Failure: end(failure.status, failure.description)
    // Its message is the server's: not even its ends of lines are ours.
    case let status as RPCStatus: end(Outcome(status.code), "\(status)".displayed)
    case let error as ConfigurationError: end(.configuration, "\(error)")
    case let error as SidecarError: end(.unavailable, "\(error)")
    case let error as SpawnError:
      end(error.code == EADDRINUSE ? .unavailable : .noInput, "\(error)")
    default: Outrider.exit(withError: error)
    }
  }

  private static func end(_ status: Outcome, _ message: String) -> Never {
    complain(message)
    Glibc.exit(status.rawValue)
  }
}

extension Outcome {
  /// What a call's status comes to.
  init(_ code: RPCStatus.Code) {
    self =
      switch code {
      case .ok: .ok
      case .unavailable: .unavailable
      case .deadlineExceeded, .aborted, .resourceExhausted, .cancelled: .tryAgain
      case .internal, .unknown, .dataLoss, .unimplemented: .software
      case .invalidArgument, .notFound, .alreadyExists, .permissionDenied, .failedPrecondition,
        .outOfRange, .unauthenticated:
        .refused
      }
  }
}

/// Why a subcommand did not do what it was asked.
struct Failure: Error, CustomStringConvertible {
  let status: Outcome
  let description: String

  init(_ status: Outcome, _ description: String) {
    self.status = status
    self.description = description
  }
}
