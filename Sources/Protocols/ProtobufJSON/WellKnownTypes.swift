import Encodings
import JSON
import ProtobufFields

// The types of google.protobuf with a JSON form of their own:
// https://protobuf.dev/reference/protobuf/google.protobuf/

extension Schema {
  /// Nil if the type's JSON is ordinary.
  func wellKnownJSON(
    _ fields: [WireField], _ type: MessageType, depth: Int
  ) throws(ProtobufError) -> JSONValue? {
    switch type.name {
    case "google.protobuf.Timestamp":
      let (seconds, nanos) = secondsAndNanos(fields)
      guard let moment = RFC3339(seconds: seconds, nanoseconds: nanos) else {
        throw ProtobufError("the time is out of range")
      }
      return .string(moment.description)
    case "google.protobuf.Duration":
      let (seconds, nanos) = secondsAndNanos(fields)
      return .string(try durationText(seconds, nanos))
    case "google.protobuf.Any": return try anyJSON(fields, depth: depth)
    case let name where Self.structTypes.contains(name):
      return try structJSON(fields, type, depth: depth)
    case let name where wrappers.contains(name):
      guard let field = type.fields.first else { return nil }
      let wrapped = MessageType(name: "", fields: [field])
      let bytes = written(fields)
      let json = try json(bytes[...], wrapped, depth: depth + 1)
      return json[field.jsonName] ?? zero(of: field)
    default: return nil
    }
  }

  /// Nil if the type's JSON is ordinary.
  func wellKnownBytes(
    _ json: JSONValue, _ type: MessageType, depth: Int
  ) throws(ProtobufError) -> [UInt8]? {
    switch type.name {
    case "google.protobuf.Timestamp":
      guard case .string(let text) = json, let moment = RFC3339(text) else {
        throw expected("a time such as 2026-03-01T09:41:07Z", json)
      }
      return secondsAndNanosBytes(moment.seconds, moment.nanoseconds)
    case "google.protobuf.Duration":
      guard case .string(let text) = json, let (seconds, nanos) = duration(text) else {
        throw expected("a duration in seconds such as 1.5s", json)
      }
      return secondsAndNanosBytes(seconds, nanos)
    case "google.protobuf.Any": return try anyBytes(json, depth: depth)
    case let name where Self.structTypes.contains(name):
      return try structBytes(json, type, depth: depth)
    case let name where wrappers.contains(name):
      guard let field = type.fields.first else { return nil }
      let wrapped = MessageType(name: "", fields: [field])
      return try bytes(.object([.init(field.name, json)]), wrapped, depth: depth + 1)
    default: return nil
    }
  }

  // MARK: Any

  private func anyJSON(_ fields: [WireField], depth: Int) throws(ProtobufError) -> JSONValue {
    var url = ""
    var content: ArraySlice<UInt8> = []
    for case .bytes(let bytes) in fields.filter({ $0.number == 1 }).map(\.value) {
      url = String(decoding: bytes, as: UTF8.self)
    }
    for case .bytes(let bytes) in fields.filter({ $0.number == 2 }).map(\.value) { content = bytes }
    let name = Self.typeName(ofURL: url)
    let type = JSONValue.Member("@type", .string(url))
    guard !url.isEmpty, let message = messages[name] else {
      // Without a description, the content is shown as bytes.
      return .object(url.isEmpty ? [] : [type, .init("value", .string(base64: content))])
    }
    let json = try json(content, message, depth: depth + 1)
    guard case .object(let members) = json, !hasOwnJSON(name) else {
      return .object([type, .init("value", json)])
    }
    return .object([type] + members)
  }

  private func anyBytes(_ json: JSONValue, depth: Int) throws(ProtobufError) -> [UInt8] {
    guard case .object(let members) = json else { throw expected("an object", json) }
    guard !members.isEmpty else { return [] }
    guard case .string(let url)? = json["@type"] else {
      throw ProtobufError("an Any needs a member @type with the type's URL")
    }
    let name = Self.typeName(ofURL: url)
    let type = try message(name)
    let inner =
      hasOwnJSON(name) ? json["value"] ?? .null : .object(members.filter { $0.name != "@type" })
    var writer = FieldWriter()
    writer.write(field: 1, .bytes(Array(url.utf8)[...]))
    writer.write(field: 2, .bytes(try bytes(inner, type, depth: depth + 1)[...]))
    return writer.bytes
  }

  func hasOwnJSON(_ name: String) -> Bool {
    wrappers.contains(name) || Self.structTypes.contains(name)
      || ["Timestamp", "Duration", "Any"].contains { name == "google.protobuf.\($0)" }
  }

  /// The type in a URL such as `type.googleapis.com/bank.OpenAccount`: the part after the last
  /// slash.
  public static func typeName(ofURL url: String) -> String { url.part(afterLast: "/") }

  private func zero(of field: FieldType) -> JSONValue {
    switch field.kind {
    case .bool: false
    case .string, .bytes: ""
    case .int64, .uint64: "0"
    default: 0
    }
  }
}

private let wrappers: Set<String> = Set(
  ["Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes"].map {
    "google.protobuf.\($0)Value"
  })

func written(_ fields: [WireField]) -> [UInt8] {
  var writer = FieldWriter()
  for field in fields { writer.write(field: field.number, field.value) }
  return writer.bytes
}

// MARK: Timestamp and Duration, which have the same fields

private func secondsAndNanos(_ fields: [WireField]) -> (Int64, Int32) {
  var seconds: Int64 = 0
  var nanos: Int32 = 0
  for field in fields {
    switch (field.number, field.value) {
    case (1, .varint(let raw)): seconds = Int64(bitPattern: raw)
    case (2, .varint(let raw)): nanos = Int32(truncatingIfNeeded: raw)
    default: break
    }
  }
  return (seconds, nanos)
}

private func secondsAndNanosBytes(_ seconds: Int64, _ nanos: Int32) -> [UInt8] {
  var writer = FieldWriter()
  if seconds != 0 { writer.write(field: 1, .varint(UInt64(bitPattern: seconds))) }
  if nanos != 0 { writer.write(field: 2, .varint(UInt64(bitPattern: Int64(nanos)))) }
  return writer.bytes
}

/// The longest duration in protobuf: 10 000 years.
private let durationSecondsMax: Int64 = 315_576_000_000

private func durationText(_ seconds: Int64, _ nanos: Int32) throws(ProtobufError) -> String {
  guard seconds.magnitude <= durationSecondsMax.magnitude, nanos.magnitude < 1_000_000_000,
    seconds.signum() * Int64(nanos).signum() >= 0
  else { throw ProtobufError("the duration is out of range") }
  let sign = seconds < 0 || nanos < 0 ? "-" : ""
  guard nanos != 0 else { return "\(sign)\(seconds.magnitude)s" }
  let digits = String(nanos.magnitude)
  let fraction = String(repeating: "0", count: 9 - digits.utf8.count) + digits
  let shown = fraction.hasSuffix("000000") ? 3 : fraction.hasSuffix("000") ? 6 : 9
  return "\(sign)\(seconds.magnitude).\(fraction.prefix(shown))s"
}

private func duration(_ text: String) -> (Int64, Int32)? {
  guard text.hasSuffix("s") else { return nil }
  let isNegative = text.hasPrefix("-")
  let parts = text.dropFirst(isNegative ? 1 : 0).dropLast()
    .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
  guard let seconds = Int64(digits: parts[0].utf8), seconds <= durationSecondsMax else {
    return nil
  }
  let fraction = parts.count == 2 ? parts[1] : "0"
  guard (1...9).contains(fraction.utf8.count),
    let nanos = Int32(
      digits: (fraction + String(repeating: "0", count: 9 - fraction.utf8.count)).utf8)
  else { return nil }
  return isNegative ? (-seconds, -nanos) : (seconds, nanos)
}
