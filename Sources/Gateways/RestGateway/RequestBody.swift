import HTTP1
import JSON

/// A body in JSON, and what its members must be.
struct RequestBody: Sendable {
  let value: JSONValue
  /// Where it stands in the request, for messages; empty for the body itself.
  let place: String

  init(_ value: JSONValue, at place: String = "") {
    self.value = value
    self.place = place
  }

  /// Throws a failure 415 for another type than JSON, 400 for what is no JSON.
  ///
  /// `curl -d` calls whatever it sends a form, and is believed. A page can have a browser send the
  /// same to any server without asking it (the Fetch standard, *CORS-safelisted request-header*);
  /// browsers tell by `Origin` or `Sec-Fetch-Site`.
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

  /// Refuses what is no object, and members that nobody knows.
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

  /// A text of 1 to `max` bytes; nil where it is missing.
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

  /// The elements of an array of 1 to `max`.
  func elements(_ name: String, max: Int) throws(HTTPFailure) -> [RequestBody]? {
    guard let member = value[name] else { return nil }
    guard case .array(let elements) = member, (1...max).contains(elements.count) else {
      throw HTTPFailure(400, "\(path(name)) must be an array of 1 to \(max) elements")
    }
    return elements.enumerated().map { RequestBody($1, at: "\(path(name))[\($0)]") }
  }

  /// An object's payload, which is empty where it is missing.
  func payload() throws(HTTPFailure) -> JSONValue {
    value["payload"] ?? .object([])
  }

  func path(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

  var described: String { place.isEmpty ? "the body" : place }
}

/// What the fields that name media types say (RFC 9110 sections 8.3 and 12.5.1).
enum MediaType {
  static let json = "application/json"
  static let form = "application/x-www-form-urlencoded"
  static let problem = "application/problem+json"
  static let events = "text/event-stream"

  /// Whether a `Content-Type` is JSON, in UTF-8 if it says.
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

  /// The one of the types that an `Accept` prefers: the first of equals. Nil: none of them.
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

/// One of the ranges of `Accept`: `text/*;q=0.5`.
private struct AcceptRange {
  let type: String
  let quality: Double

  init(_ text: Substring) {
    let parts = text.split(separator: ";").map { $0.trimmed.lowercased() }
    type = parts.first ?? ""
    let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
    quality = weight.flatMap { Double($0.dropFirst(2)) } ?? 1
  }

  /// A type counts before `text/*`, and that before `*/*`.
  var precision: Int { type == "*/*" ? 0 : type.hasSuffix("/*") ? 1 : 2 }

  func includes(_ type: String) -> Bool {
    switch precision {
    case 0: true
    case 1: type.hasPrefix(self.type.dropLast())
    default: type == self.type
    }
  }
}
