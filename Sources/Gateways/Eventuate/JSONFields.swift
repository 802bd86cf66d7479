import JSON

/// Reads the members of a JSON object in a request. Ignores unknown members, and treats null as
/// absent, like Eventuate's own server.
struct JSONFields {
  private let value: JSONValue
  /// The object's path, for messages; empty for the whole.
  private let place: String

  /// Throws 400 for anything but an object.
  init(_ value: JSONValue, at place: String = "") throws(EventuateFailure) {
    guard case .object = value else {
      throw .malformed("\(place.isEmpty ? "the JSON" : place) must be an object, got \(value.kind)")
    }
    self.value = value
    self.place = place
  }

  /// Throws 400 for invalid JSON.
  init(parsing bytes: [UInt8]) throws(EventuateFailure) {
    let value: JSONValue
    do { value = try JSONValue.parse(bytes) } catch { throw .malformed("\(error)") }
    try self.init(value)
  }

  subscript(name: String) -> JSONValue? { value[name].flatMap { $0 == .null ? nil : $0 } }

  func required(_ name: String) throws(EventuateFailure) -> JSONValue {
    guard let value = self[name] else { throw .malformed("\(path(name)) is missing") }
    return value
  }

  /// Nil if it is absent or empty.
  func text(_ name: String) throws(EventuateFailure) -> String? {
    guard let value = self[name] else { return nil }
    guard case .string(let text) = value else { throw wrong(name, "a string", value) }
    return text.isEmpty ? nil : text
  }

  func requiredText(_ name: String) throws(EventuateFailure) -> String {
    _ = try required(name)
    guard let text = try text(name) else { throw .malformed("\(path(name)) is empty") }
    return text
  }

  func flag(_ name: String) throws(EventuateFailure) -> Bool? {
    guard let value = self[name] else { return nil }
    guard case .bool(let flag) = value else { throw wrong(name, "true or false", value) }
    return flag
  }

  func list(_ name: String) throws(EventuateFailure) -> [JSONValue] {
    let value = try required(name)
    guard case .array(let elements) = value else { throw wrong(name, "an array", value) }
    return elements
  }

  func object(_ name: String) throws(EventuateFailure) -> JSONFields? {
    guard let value = self[name] else { return nil }
    return try JSONFields(value, at: path(name))
  }

  /// The members, in their order.
  var members: [JSONValue.Member] {
    guard case .object(let members) = value else { return [] }
    return members
  }

  func path(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

  private func wrong(_ name: String, _ wanted: String, _ value: JSONValue) -> EventuateFailure {
    .malformed("\(path(name)) must be \(wanted), got \(value.kind)")
  }
}
