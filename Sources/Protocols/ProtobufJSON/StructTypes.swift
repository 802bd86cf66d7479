import JSON
import ProtobufFields

// The types of google.protobuf that hold any JSON, and FieldMask:
// https://protobuf.dev/reference/protobuf/google.protobuf/

extension Schema {
  /// The types that are handled here.
  static let structTypes: Set<String> = Set(
    ["Struct", "ListValue", "Value", "FieldMask"].map { "google.protobuf.\($0)" })

  func structJSON(
    _ fields: [WireField], _ type: MessageType, depth: Int
  ) throws(ProtobufError) -> JSONValue {
    // Convert as an ordinary message, then remove the wrapper.
    let usual = MessageType(name: "", fields: type.fields)
    let json = try json(written(fields)[...], usual, depth: depth + 1)
    switch type.name {
    case "google.protobuf.Struct": return json["fields"] ?? .object([])
    case "google.protobuf.ListValue": return json["values"] ?? .array([])
    case "google.protobuf.FieldMask":
      guard case .array(let paths)? = json["paths"] else { return "" }
      let names = paths.map { path in
        if case .string(let text) = path { camelCase(text) } else { "" }
      }
      return .string(names.joined(separator: ","))
    default:
      guard case .object(let members) = json, let last = members.last else { return .null }
      return last.name == "nullValue" ? .null : last.value
    }
  }

  func structBytes(
    _ json: JSONValue, _ type: MessageType, depth: Int
  ) throws(ProtobufError) -> [UInt8] {
    let member: String
    var content = json
    switch (type.name, json) {
    case ("google.protobuf.Struct", .object): member = "fields"
    case ("google.protobuf.Struct", _): throw expected("an object", json)
    case ("google.protobuf.ListValue", .array): member = "values"
    case ("google.protobuf.ListValue", _): throw expected("an array", json)
    case ("google.protobuf.FieldMask", .string(let text)):
      member = "paths"
      content = .array(text.split(separator: ",").map { .string(snakeCase(String($0))) })
    case ("google.protobuf.FieldMask", _): throw expected("names with commas between", json)
    case (_, .null):
      var writer = FieldWriter()
      writer.write(field: 1, .varint(0))
      return writer.bytes
    case (_, .bool): member = "boolValue"
    case (_, .number): member = "numberValue"
    case (_, .string): member = "stringValue"
    case (_, .object): member = "structValue"
    case (_, .array): member = "listValue"
    }
    let usual = MessageType(name: "", fields: type.fields)
    return try bytes(.object([.init(member, content)]), usual, depth: depth + 1)
  }
}
