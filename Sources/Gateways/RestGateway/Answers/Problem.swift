import HTTP1
import JSON
import RPC

/// Why a request failed, as `application/problem+json` (RFC 9457).
struct Problem: Sendable {
  let status: Int
  /// gRPC's name of the code, if a sidecar answered with one: `FAILED_PRECONDITION`.
  let code: String?
  let detail: String
  let fields: HTTPFields

  init(_ error: any Error) {
    switch error {
    case let failure as HTTPFailure:
      (status, code, detail) = (failure.status, nil, failure.message)
      fields = failure.fields
    case let rpc as RPCStatus:
      status = rpc.httpStatus
      code = "\(rpc.code)"
      detail = rpc.message
      fields = Self.fields(of: rpc, status)
    case is CancellationError:
      (status, code, fields) = (499, "CANCELLED", [:])
      detail = "the request was cancelled"
    default:
      (status, code, fields) = (500, nil, [:])
      detail = "the gateway failed"
    }
  }

  /// Adds the member `code` to those of the RFC. `type` is `about:blank`, so `title` is that of
  /// the status.
  var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("type", "about:blank"), .init("title", .string(Self.title(status))),
      .init("status", .integer(status)), .init("detail", .string(detail)),
    ]
    if let code { members.append(.init("code", .string(code))) }
    return .object(members)
  }

  func response(to request: HTTPRequest?) -> HTTPResponse {
    HTTPResponse(status, json: json, type: MediaType.problem, fields)
  }

  private static func fields(of status: RPCStatus, _ code: Int) -> HTTPFields {
    switch code {
    case 401: ["WWW-Authenticate": "Bearer"]
    case 429, 503:
      status.details.contains { $0.typeURL.hasSuffix("/google.rpc.RetryInfo") } || code == 503
        ? ["Retry-After": "1"] : [:]
    default: [:]
    }
  }

  private static func title(_ status: Int) -> String {
    switch status {
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 429: "Too Many Requests"
    case 499: "Client Closed Request"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    default: "Internal Server Error"
    }
  }
}

extension RPCStatus {
  /// The one table from gRPC codes to HTTP statuses.
  var httpStatus: Int {
    switch code {
    case .ok: 200
    case .invalidArgument, .outOfRange: 400
    case .unauthenticated: 401
    case .permissionDenied: 403
    case .notFound: 404
    case .alreadyExists, .aborted: 409
    case .failedPrecondition: message.hasPrefix(Self.sequenceConflict) ? 412 : 409
    case .resourceExhausted: 429
    case .cancelled: 499
    case .unimplemented: 501
    case .unavailable: 503
    case .deadlineExceeded: 504
    case .unknown, .internal, .dataLoss: 500
    }
  }

  /// The beginning of the command-handler's message for a conflict of the expected sequence.
  private static let sequenceConflict = "expected.next is "
}
