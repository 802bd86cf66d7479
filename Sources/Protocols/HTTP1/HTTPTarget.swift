import Encodings

/// The target of a request: unescaped path and query (RFC 9112 section 3.2).
package struct HTTPTarget: Sendable, Equatable {
  /// The parts of the path between slashes: `/v1/log` has two, `/` none.
  package let segments: [String]
  package let query: [Parameter]

  package struct Parameter: Sendable, Equatable {
    package let name: String
    package let value: String
  }

  /// Parses the origin form, `/path?query`, or the absolute form, `http://host/path`; `*` is the
  /// root. Throws a failure 400.
  package init(_ text: String) throws(HTTPFailure) {
    let origin = try Self.origin(of: text)
    let mark = origin.firstIndex(of: "?") ?? origin.endIndex
    segments = try Self.segments(of: origin[..<mark])
    query = try Self.parameters(in: origin[mark...].dropFirst())
  }

  /// The value of a query parameter; nil if it is missing. Throws a failure 400 if it is repeated.
  package func value(_ name: String) throws(HTTPFailure) -> String? {
    let values = query.filter { $0.name == name }
    guard values.count < 2 else {
      throw HTTPFailure(400, "the parameter \(name) comes more than once")
    }
    return values.first?.value
  }

  private static func origin(of text: String) throws(HTTPFailure) -> Substring {
    if text.hasPrefix("/") { return text[...] }
    if text == "*" { return "/" }
    for scheme in ["http://", "https://"] where text.lowercased().hasPrefix(scheme) {
      let rest = text.dropFirst(scheme.count)
      return rest[(rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex)...]
    }
    throw HTTPFailure(400, "the request's target must be a path that begins with a slash")
  }

  private static func segments(of path: Substring) throws(HTTPFailure) -> [String] {
    var segments: [String] = []
    for segment in path.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      segments.append(try decoded(segment, "the path"))
    }
    return segments == [""] ? [] : segments
  }

  /// Decodes form encoding: `+` is a blank.
  private static func parameters(in query: Substring) throws(HTTPFailure) -> [Parameter] {
    var parameters: [Parameter] = []
    for pair in query.split(separator: "&") {
      let equals = pair.firstIndex(of: "=") ?? pair.endIndex
      let value = pair[equals...].dropFirst()
      parameters.append(
        Parameter(
          name: try decoded(blanks(pair[..<equals]), "the query"),
          value: try decoded(blanks(value), "the query")))
    }
    return parameters
  }

  private static func blanks(_ text: Substring) -> Substring {
    Substring(String(text.map { $0 == "+" ? " " : $0 }))
  }

  private static func decoded(
    _ text: Substring, _ place: String
  ) throws(HTTPFailure) -> String {
    guard let bytes = URIEncoding.bytes(of: text) else {
      throw HTTPFailure(400, "in \(place), a % is not followed by two hexadecimal digits")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw HTTPFailure(400, "\(place) is not UTF-8")
    }
    return text
  }
}
