import Encodings
import EventModel
import HTTP1
import JSON
import RPC
import Timing
import Wire

/// A request to one of the gateway's operations, in domain terms.
struct RestRequest: Sendable {
  let http: HTTPRequest
  let gateway: RestGateway

  // MARK: Path

  /// The domain in its path.
  var domain: Name {
    get throws(HTTPFailure) { try name("domain") }
  }

  /// The aggregate in its path.
  var cover: Cover {
    get throws(HTTPFailure) {
      try Self.cover(domain: domain, root: http.parameters["root"] ?? "")
    }
  }

  static func cover(domain: Name, root: String) throws(HTTPFailure) -> Cover {
    guard let root = Root(named: root) else {
      throw HTTPFailure(
        400,
        "an aggregate's root is a UUID or a name of 1 to \(FieldLimits.rootNameByteCount) bytes")
    }
    return Cover(domain: domain, root: root)
  }

  /// A name in its path.
  func name(_ parameter: String) throws(HTTPFailure) -> Name {
    try Self.name(parameter, http.parameters[parameter] ?? "")
  }

  static func name(_ what: String, _ text: String) throws(HTTPFailure) -> Name {
    guard (1...FieldLimits.domainByteCount).contains(text.utf8.count), !text.utf8.contains(0) else {
      throw HTTPFailure(
        400, "\(what) must be a name of 1 to \(FieldLimits.domainByteCount) bytes without NUL")
    }
    return Name(text)
  }

  // MARK: Headers and query

  /// The command's idempotency key: `Idempotency-Key`, with or without quotes; else a new one.
  var commandID: String {
    get throws(HTTPFailure) {
      guard let text = http.fields["Idempotency-Key"] else { return newCommandID() }
      let isQuoted = text.count > 1 && text.hasPrefix("\"") && text.hasSuffix("\"")
      let id = isQuoted ? String(text.dropFirst().dropLast()) : text
      guard (1...FieldLimits.commandIDByteCount).contains(id.utf8.count) else {
        throw HTTPFailure(
          400, "Idempotency-Key must have 1 to \(FieldLimits.commandIDByteCount) bytes")
      }
      return id
    }
  }

  func newCommandID() -> String {
    var random = gateway.environment.generator
    return "\(Root.timeOrdered(at: gateway.environment.now(), using: &random))"
  }

  /// The number that the first new event must get, from `If-Match` (RFC 9110 section 13.1.1).
  var expected: SequenceNumber? {
    get throws(HTTPFailure) {
      guard let text = http.fields["If-Match"] else { return nil }
      let isQuoted = text.count > 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
      let digits = isQuoted ? text.dropFirst().dropLast() : text[...]
      guard let number = UInt32(digits: digits.utf8) else {
        throw HTTPFailure(400, "If-Match must be one ETag of the aggregate's events, such as \"7\"")
      }
      return SequenceNumber(number)
    }
  }

  /// A whole number in the query; nil if it is missing.
  func number<Number: FixedWidthInteger & Sendable>(
    _ parameter: String, _ range: ClosedRange<Number>
  ) throws(HTTPFailure) -> Number? {
    guard let text = try http.target.value(parameter) else { return nil }
    guard let number = Number(digits: text.utf8), range.contains(number) else {
      throw HTTPFailure(
        400,
        "\(parameter) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// True for `true` and for a parameter without a value; nil if it is missing.
  func flag(_ parameter: String) throws(HTTPFailure) -> Bool? {
    switch try http.target.value(parameter) {
    case nil: nil
    case "", "true": true
    case "false": false
    default: throw HTTPFailure(400, "\(parameter) must be true or false")
    }
  }

  // MARK: Calls

  /// The options of a call for this request: with the caller's credentials and trace.
  ///
  /// - Parameter isEndless: the call lasts until the client leaves.
  func options(isEndless: Bool = false) throws(HTTPFailure) -> CallOptions {
    var options = CallOptions(deadline: isEndless ? .never : .after(try timeout))
    for name in ["authorization", "traceparent", "tracestate"] {
      for field in http.fields.fields where field.name.lowercased() == name {
        options.metadata.append(name, field.value)
      }
    }
    options.caller = http.caller
    return options
  }

  /// From `Request-Timeout`, in seconds.
  private var timeout: Duration {
    get throws(HTTPFailure) {
      guard let text = http.fields["Request-Timeout"] else { return gateway.settings.deadline }
      guard let seconds = Seconds(text) else {
        throw HTTPFailure(
          400, "Request-Timeout must be a number of seconds, such as 2.5")
      }
      return seconds.duration
    }
  }

  /// Makes a unary call.
  func call<Answer: WireDecodable>(
    _ channel: any RPCChannel, _ service: String, _ method: String, _ request: some WireEncodable,
    _ options: CallOptions, as: Answer.Type = Answer.self
  ) async throws -> Answer {
    let answer = try await channel.unary(
      Method(service: service, name: method), request.wireBytes, options)
    return try Self.decoded(answer)
  }

  /// Opens a call with a stream of responses.
  func stream(
    _ channel: any RPCChannel, _ service: String, _ method: String, _ request: some WireEncodable,
    _ options: CallOptions
  ) async throws -> ClientCall {
    try await channel.serverStreaming(
      Method(service: service, name: method), request.wireBytes, options)
  }

  static func decoded<Answer: WireDecodable>(_ message: Message) throws -> Answer {
    do { return try Answer(wireBytes: message) } catch {
      throw RPCStatus(.internal, "a sidecar sent an unreadable answer: \(error)")
    }
  }
}
