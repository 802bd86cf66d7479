/// Parses a request's header block field by field, and decides what to do with the request.
///
/// gRPC, `doc/PROTOCOL-HTTP2.md`, Request-Headers. The first error decides.
package struct RequestHead: ~Copyable {
  package enum Verdict {
    /// Call the handler.
    case accept(Route)
    /// Answer with a status.
    case reject(RPCStatus)
    /// Not gRPC at all: answer with an HTTP status.
    case refuse(httpStatus: Int)
  }

  package private(set) var metadata = Metadata()
  /// The caller's timeout; nil: none.
  package private(set) var timeout: Duration?

  /// The encoding of compressed messages.
  package private(set) var encoding = Compression.identity
  /// True if the client accepts compressed messages.
  package private(set) var acceptsGzip = false

  private let router: Router
  private var route: Route?
  private var unknownPath: RPCStatus?
  private var problem: RPCStatus?
  private var isPost = false
  private var isGRPC = false

  package init(_ router: Router) { self.router = router }

  package mutating func add(
    name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
  ) {
    // Lengths tell most names apart before a byte is compared.
    switch name.count {
    case 2 where name.equals("te"): break
    case 5 where name.equals(":path"):
      route = router.find(value)
      if route == nil { unknownPath = router.unknown(Array(value)) }
    case 7 where name.equals(":method"): isPost = value.equals("POST")
    case 12 where name.equals("content-type"): isGRPC = value.isGRPCContentType
    case 12 where name.equals("grpc-timeout"): setTimeout(value)
    case 13 where name.equals("grpc-encoding"): setEncoding(value)
    case 20 where name.equals("grpc-accept-encoding"): acceptsGzip = value.lists("gzip")
    default:
      if name.first == UInt8(ascii: ":") { return }
      do { try metadata.append(wireName: name, wireValue: value) } catch { fail(error) }
    }
  }

  /// The block exceeded its limit.
  package mutating func exceed(limit: Int) {
    fail(RPCStatus(.resourceExhausted, "the headers are longer than the limit \(limit) bytes"))
  }

  /// The decision, once the block is complete.
  package var verdict: Verdict {
    if let problem, problem.code == .resourceExhausted { return .reject(problem) }
    guard isPost else { return .refuse(httpStatus: 405) }
    guard isGRPC else { return .refuse(httpStatus: 415) }
    if let problem { return .reject(problem) }
    guard let route else {
      return .reject(unknownPath ?? RPCStatus(.unimplemented, "the request has no path"))
    }
    return .accept(route)
  }

  private mutating func setTimeout(_ value: UnsafeBufferPointer<UInt8>) {
    timeout = Timeout.parse(value)
    if timeout == nil {
      let text = String(decoding: value.prefix(32), as: UTF8.self)
      fail(RPCStatus(.internal, "the grpc-timeout \"\(text)\" is malformed"))
    }
  }

  private mutating func setEncoding(_ value: UnsafeBufferPointer<UInt8>) {
    if value.equals("identity") { return }
    if value.equals("gzip") {
      encoding = .gzip
      return
    }
    let text = String(decoding: value.prefix(32), as: UTF8.self)
    fail(RPCStatus(.unimplemented, "messages compressed by \"\(text)\" are not supported here"))
  }

  private mutating func fail(_ status: RPCStatus) {
    if problem == nil { problem = status }
  }
}
