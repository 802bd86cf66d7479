import JSON

extension Schema {
  /// The fields of a message, as in JSON; nil if there is no such message.
  ///
  /// - Parameter message: the full name.
  public func fields(of message: String) -> [JSONField]? {
    messages[message]?.fields.map { field in
      let shape = shape(of: field)
      return JSONField(
        field.jsonName, ownName: field.name, shape, isRequired: field.isRequired,
        mayBeAbsent: field.hasPresence && !field.isRequired, zero: zero(shape))
    }
  }

  private func shape(of field: FieldType) -> JSONShape {
    if let entry = mapEntry(field) { return .map(elementShape(of: entry.value)) }
    let element = elementShape(of: field)
    return field.isRepeated ? .list(element) : element
  }

  private func elementShape(of field: FieldType) -> JSONShape {
    switch field.kind {
    case .bool: .boolean
    case .int32, .sint32, .sfixed32: .integer(Int128(Int32.min)...Int128(Int32.max))
    case .int64, .sint64, .sfixed64: .integer(Int128(Int64.min)...Int128(Int64.max))
    case .uint32, .fixed32: .integer(0...Int128(UInt32.max))
    case .uint64, .fixed64: .integer(0...Int128(UInt64.max))
    case .float, .double: .floating
    case .string: .string
    case .bytes: .bytes(.base64, count: nil)
    case .enum: .enumeration(enums[field.typeName]?.values.map(\.name) ?? [])
    case .message: shape(ofMessage: field.typeName)
    }
  }

  /// Timestamps and durations are strings; other types with their own JSON form fit only
  /// themselves.
  private func shape(ofMessage name: String) -> JSONShape {
    switch name {
    case "google.protobuf.Timestamp", "google.protobuf.Duration": .string
    case let name where hasOwnJSON(name): .other(name)
    default: .record(name)
    }
  }

  /// The value of an absent field; nil for a message.
  private func zero(_ shape: JSONShape) -> JSONValue? {
    switch shape {
    case .boolean: false
    case .integer, .floating: 0
    case .string, .bytes: ""
    case .enumeration(let names): names.first.map { .string($0) }
    case .list: []
    case .map: [:]
    case .record, .optional, .other: nil
    }
  }
}
