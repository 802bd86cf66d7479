/// The gRPC status codes, with their numbers on the wire (gRPC, `doc/statuscodes.md`).
///
/// The set is closed. `init(number:)` reads a number from a peer or a store, and turns any other
/// number into UNKNOWN: the failure stays, its number goes.
public enum StatusCode: Int, Sendable, CaseIterable {
  case ok = 0
  case cancelled = 1
  case unknown = 2
  case invalidArgument = 3
  case deadlineExceeded = 4
  case notFound = 5
  case alreadyExists = 6
  case permissionDenied = 7
  case resourceExhausted = 8
  case failedPrecondition = 9
  case aborted = 10
  case outOfRange = 11
  case unimplemented = 12
  case `internal` = 13
  case unavailable = 14
  case dataLoss = 15
  case unauthenticated = 16
}

extension StatusCode {
  /// The code with this number; UNKNOWN if gRPC defines none, or the number is missing.
  public init(number: (some BinaryInteger)?) {
    self = number.flatMap { Int(exactly: $0) }.flatMap(StatusCode.init(rawValue:)) ?? .unknown
  }
}

extension StatusCode: CustomStringConvertible {
  /// The name that gRPC gives the code (`doc/statuscodes.md`): `FAILED_PRECONDITION`.
  public var description: String {
    switch self {
    case .ok: "OK"
    case .cancelled: "CANCELLED"
    case .unknown: "UNKNOWN"
    case .invalidArgument: "INVALID_ARGUMENT"
    case .deadlineExceeded: "DEADLINE_EXCEEDED"
    case .notFound: "NOT_FOUND"
    case .alreadyExists: "ALREADY_EXISTS"
    case .permissionDenied: "PERMISSION_DENIED"
    case .resourceExhausted: "RESOURCE_EXHAUSTED"
    case .failedPrecondition: "FAILED_PRECONDITION"
    case .aborted: "ABORTED"
    case .outOfRange: "OUT_OF_RANGE"
    case .unimplemented: "UNIMPLEMENTED"
    case .internal: "INTERNAL"
    case .unavailable: "UNAVAILABLE"
    case .dataLoss: "DATA_LOSS"
    case .unauthenticated: "UNAUTHENTICATED"
    }
  }
}
