import HTTP1
import JSON

/// A JSON body, with checks of its members.
struct RequestBody: Sendable {
  let value: JSONValue
  /// The body's path in the request, for messages; empty for the body itself.
  let place: String

  init(_ value: JSONValue, at place: String = "") {
    self.value = value
    self.place = place
  }

  /// Throws a failure 415 for a type other than JSON, 400 for invalid JSON.
  ///
  /// `curl -d` labels every body as a form, so that type is accepted. But a page can make a
  /// browser send a form to any server without a preflight (the Fetch standard, *CORS-safelisted
  /// request-header*); such requests are recognised by `Origin` or `Sec-Fetch-Site`, and refused.
  init(of request: HTTPRequest) throws(HTTPFailure) {
    let type = request.fields["Content-Type"]
    let isByHand =
      type == MediaType.form && request.fields["Origin"] == nil
      && request.fields["Sec-Fetch-Site"] == nil
    guard isByHand || MediaType.isJSON(type) else {
      throw HTTPFailure(
        415, "the body must be JSON in UTF-8, with Content-Type: application/json",
        fields: ["Accept": "application/json"])
    }
    do { self.init(try JSONValue.parse(request.body)) } catch {
      throw HTTPFailure(400, "the body is \(error)")
    }
  }

  /// Refuses anything but an object, and unknown members.
  func requireObject(of names: Set<String>) throws(HTTPFailure) {
    guard case .object(let members) = value else {
      throw HTTPFailure(400, "\(described) must be an object, not \(value.kind)")
    }
    for member in members where !names.contains(member.name) {
      throw HTTPFailure(
        400,
        "\(path(member.name)) is not known; there are \(names.sorted().joined(separator: ", "))")
    }
  }

  /// A text of 1 to `max` bytes; nil if it is missing.
  func text(_ name: String, max: Int = 1024) throws(HTTPFailure) -> String? {
    guard let member = value[name] else { return nil }
    guard case .string(let text) = member, (1...max).contains(text.utf8.count),
      !text.utf8.contains(0)
    else {
      throw HTTPFailure(400, "\(path(name)) must be a text of 1 to \(max) bytes without NUL")
    }
    return text
  }

  func requiredText(_ name: String, max: Int = 1024) throws(HTTPFailure) -> String {
    guard let text = try text(name, max: max) else {
      throw HTTPFailure(400, "\(path(name)) is missing")
    }
    return text
  }

  /// The elements of an array of 1 to `max`; nil if it is missing.
  func elements(_ name: String, max: Int) throws(HTTPFailure) -> [RequestBody]? {
    guard let member = value[name] else { return nil }
    guard case .array(let elements) = member, (1...max).contains(elements.count) else {
      throw HTTPFailure(400, "\(path(name)) must be an array of 1 to \(max) elements")
    }
    return elements.enumerated().map { RequestBody($1, at: "\(path(name))[\($0)]") }
  }

  /// The payload of an object; empty if it is missing.
  func payload() throws(HTTPFailure) -> JSONValue {
    value["payload"] ?? .object([])
  }

  func path(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

  var described: String { place.isEmpty ? "the body" : place }
}

/// The values of media type fields (RFC 9110 sections 8.3 and 12.5.1).
enum MediaType {
  static let json = "application/json"
  static let form = "application/x-www-form-urlencoded"
  static let problem = "application/problem+json"
  static let events = "text/event-stream"

  /// Whether a `Content-Type` is JSON, and in UTF-8 if it names a charset.
  static func isJSON(_ field: String?) -> Bool {
    guard let parts = field?.split(separator: ";").map(\.trimmed), let type = parts.first else {
      return false
    }
    let name = type.lowercased()
    guard name == json || name.hasPrefix("application/") && name.hasSuffix("+json") else {
      return false
    }
    return parts.dropFirst().allSatisfy { parameter in
      let parameter = parameter.lowercased().filter { $0 != "\"" }
      return !parameter.hasPrefix("charset=") || parameter == "charset=utf-8"
    }
  }

  /// The type that an `Accept` prefers, the first among equals; nil if it accepts none.
  static func preferred(_ field: String?, of types: [String]) -> String? {
    guard let field, !field.trimmed.isEmpty else { return types.first }
    let ranges = field.split(separator: ",").map { AcceptRange($0) }
    let rated = types.map { type in
      (type, ranges.filter { $0.includes(type) }.max { $0.precision < $1.precision }?.quality ?? 0)
    }
    let best = rated.map(\.1).max() ?? 0
    return best > 0 ? rated.first { $0.1 == best }?.0 : nil
  }
}

extension String {
  fileprivate var trimmed: Substring { self[...].trimmed }
}

/// A range of `Accept`: `text/*;q=0.5`.
private struct AcceptRange {
  let type: String
  let quality: Double

  init(_ text: Substring) {
    let parts = text.split(separator: ";").map { $0.trimmed.lowercased() }
    type = parts.first ?? ""
    let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
    quality = weight.flatMap { Double($0.dropFirst(2)) } ?? 1
  }

  /// A type takes precedence over `text/*`, and that over `*/*`.
  var precision: Int { type == "*/*" ? 0 : type.hasSuffix("/*") ? 1 : 2 }

  func includes(_ type: String) -> Bool {
    switch precision {
    case 0: true
    case 1: type.hasPrefix(self.type.dropLast())
    default: type == self.type
    }
  }
}
