extension Schema {
  /// Protobuf's own types that may be payloads; they need no descriptors.
  public static let wellKnown: Schema = {
    var schema = Schema()
    func add(_ name: String, _ fields: FieldType..., isMapEntry: Bool = false) {
      let name = "google.protobuf.\(name)"
      schema.messages[name] = MessageType(name: name, fields: fields, isMapEntry: isMapEntry)
    }
    add("Any", .of("type_url", 1, .string), .of("value", 2, .bytes))
    add("Timestamp", .of("seconds", 1, .int64), .of("nanos", 2, .int32))
    add("Duration", .of("seconds", 1, .int64), .of("nanos", 2, .int32))
    add("Empty")
    add("FieldMask", .of("paths", 1, .string, isRepeated: true))
    add("Struct", .of("fields", 1, .message, "Struct.FieldsEntry", isRepeated: true))
    add(
      "Struct.FieldsEntry", .of("key", 1, .string), .of("value", 2, .message, "Value"),
      isMapEntry: true)
    add("ListValue", .of("values", 1, .message, "Value", isRepeated: true))
    add(
      "Value", .of("null_value", 1, .enum, "NullValue"), .of("number_value", 2, .double),
      .of("string_value", 3, .string), .of("bool_value", 4, .bool),
      .of("struct_value", 5, .message, "Struct"), .of("list_value", 6, .message, "ListValue"))
    let wrapped: [(String, FieldType.Kind)] = [
      ("Double", .double), ("Float", .float), ("Int64", .int64), ("UInt64", .uint64),
      ("Int32", .int32), ("UInt32", .uint32), ("Bool", .bool), ("String", .string),
      ("Bytes", .bytes),
    ]
    for (name, kind) in wrapped { add("\(name)Value", .of("value", 1, kind)) }
    schema.enums["google.protobuf.NullValue"] = EnumType(
      name: "google.protobuf.NullValue", values: [(name: "NULL_VALUE", number: 0)])
    return schema
  }()
}

extension FieldType {
  /// A field; `type` is the name of a message or an enum of google.protobuf.
  fileprivate static func of(
    _ name: String, _ number: Int, _ kind: Kind, _ type: String = "", isRepeated: Bool = false
  ) -> FieldType {
    FieldType(
      name: name, jsonName: camelCase(name), number: number, kind: kind, isRepeated: isRepeated,
      typeName: type.isEmpty ? "" : "google.protobuf.\(type)")
  }
}

/// Converts a field's name to its JSON name: `type_url` to `typeUrl`.
func camelCase(_ name: String) -> String {
  var result = ""
  var isUpper = false
  for character in name {
    if character == "_" {
      isUpper = true
    } else {
      result += isUpper ? character.uppercased() : String(character)
      isUpper = false
    }
  }
  return result
}

/// Converts a JSON name to the field's name: `typeUrl` to `type_url`.
func snakeCase(_ name: String) -> String {
  name.reduce(into: "") { result, character in
    result += character.isUppercase ? "_\(character.lowercased())" : String(character)
  }
}
