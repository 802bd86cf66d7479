import JSON
import RPC
import StatusCodes

/// Why a request failed, in the categories of Eventuate's clients.
struct EventuateFailure: Error, Equatable, Sendable {
  /// Error names that clients compare; all with status 409.
  enum Conflict: String, Sendable {
    case optimisticLock = "optimistic_lock_error"
    case entityExists = "entity_exists"
    case duplicateEvent = "duplicate_event"
  }

  /// The HTTP status.
  let status: Int
  let conflict: Conflict?
  /// The failure, its place and its remedy.
  let message: String

  private init(_ status: Int, _ conflict: Conflict?, _ message: String) {
    self.status = status
    self.conflict = conflict
    self.message = message
  }

  static func conflict(_ conflict: Conflict, _ message: String) -> EventuateFailure {
    EventuateFailure(409, conflict, message)
  }

  static func malformed(_ message: String) -> EventuateFailure {
    EventuateFailure(400, nil, message)
  }

  static func unauthenticated(_ message: String) -> EventuateFailure {
    EventuateFailure(401, nil, message)
  }

  /// Maps another sidecar's status.
  ///
  /// - Parameter precondition: the conflict that FAILED_PRECONDITION stands for in this request.
  init(_ status: RPCStatus, precondition: Conflict) {
    switch status.code {
    case .failedPrecondition: self.init(409, precondition, status.message)
    default: self.init(status)
    }
  }

  init(_ status: RPCStatus) {
    self.init(Self.httpStatus(of: status.code), nil, status.message)
  }

  /// Clients retry only 503, and some of them for ever.
  private static func httpStatus(of code: StatusCode) -> Int {
    switch code {
    case .invalidArgument, .outOfRange, .failedPrecondition: 400
    case .unauthenticated: 401
    case .permissionDenied: 403
    case .notFound: 404
    case .unavailable, .resourceExhausted, .deadlineExceeded, .aborted, .cancelled: 503
    default: 500
    }
  }

  /// The body of the answer. A 409 must have one, or some clients wait for ever.
  var body: JSONValue {
    guard let conflict else { return ["status": .integer(status), "message": .string(message)] }
    return ["error": .string(conflict.rawValue), "explanation": .string(message)]
  }
}
