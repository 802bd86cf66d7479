import JSON

extension Schema {
  /// Converts a message in wire form to JSON, by protobuf's mapping
  /// (https://protobuf.dev/programming-guides/json/).
  ///
  /// Omits absent fields, and fields that the type does not have.
  public func json(_ bytes: [UInt8], as typeName: String) throws(ProtobufError) -> JSONValue {
    try json(bytes[...], message(typeName), depth: 0)
  }

  func json(
    _ bytes: ArraySlice<UInt8>, _ type: MessageType, depth: Int
  ) throws(ProtobufError) -> JSONValue {
    guard depth < ProtobufError.depthMax else { throw .tooDeep }
    let fields = try WireField.fields(bytes)
    if let wellKnown = try wellKnownJSON(fields, type, depth: depth) { return wellKnown }
    var members: [JSONValue.Member] = []
    for field in type.fields {
      let values = fields.filter { $0.number == field.number }.map(\.value)
      guard !values.isEmpty else { continue }
      do throws(ProtobufError) {
        members.append(.init(field.jsonName, try json(values, field, depth: depth)))
      } catch {
        throw error.within(field.name)
      }
    }
    return .object(members)
  }

  private func json(
    _ values: [WireField.Value], _ field: FieldType, depth: Int
  ) throws(ProtobufError) -> JSONValue {
    if let entry = mapEntry(field) { return try map(values, entry, depth: depth) }
    if field.isRepeated {
      var elements: [JSONValue] = []
      for value in try unpacked(values, field) {
        elements.append(try json(value, field, depth: depth))
      }
      return .array(elements)
    }
    if field.kind == .message {
      // Repeated occurrences of one message field merge by concatenation.
      var whole: [UInt8] = []
      for value in values { whole += try nested(value) }
      return try json(whole[...], message(field.typeName), depth: depth + 1)
    }
    return try json(values[values.count - 1], field, depth: depth)
  }

  /// The entry type of a map field.
  func mapEntry(_ field: FieldType) -> (key: FieldType, value: FieldType)? {
    guard field.kind == .message, field.isRepeated, let entry = messages[field.typeName],
      entry.isMapEntry, let key = entry.fields.first(where: { $0.number == 1 }),
      let value = entry.fields.first(where: { $0.number == 2 })
    else { return nil }
    return (key, value)
  }

  private func map(
    _ values: [WireField.Value], _ entry: (key: FieldType, value: FieldType), depth: Int
  ) throws(ProtobufError) -> JSONValue {
    var members: [JSONValue.Member] = []
    var places: [String: Int] = [:]
    for value in values {
      let fields = try WireField.fields(nested(value))
      let keyValue = fields.last { $0.number == 1 }?.value ?? entry.key.zero
      let value = fields.last { $0.number == 2 }?.value ?? entry.value.zero
      let key =
        switch try json(keyValue, entry.key, depth: depth) {
        case .string(let text), .number(let text): text
        case .bool(let flag): String(flag)
        default: throw ProtobufError("a map's key is not a plain value")
        }
      let member = JSONValue.Member(key, try json(value, entry.value, depth: depth))
      // The last of several entries with one key wins.
      if let place = places[key] {
        members[place] = member
      } else {
        places[key] = members.count
        members.append(member)
      }
    }
    return .object(members)
  }

  /// The values of a list, packed or not.
  private func unpacked(
    _ values: [WireField.Value], _ field: FieldType
  ) throws(ProtobufError) -> [WireField.Value] {
    guard field.kind.wireType != .lengthDelimited else { return values }
    var single: [WireField.Value] = []
    for value in values {
      guard case .bytes(let packed) = value else {
        single.append(value)
        continue
      }
      single += try WireField.Value.packed(packed, field.kind.wireType)
    }
    return single
  }

  private func json(
    _ value: WireField.Value, _ field: FieldType, depth: Int
  ) throws(ProtobufError) -> JSONValue {
    if case .bytes(let content) = value {
      switch field.kind {
      case .string:
        guard let text = String(validating: content, as: UTF8.self) else {
          throw ProtobufError("the text is not UTF-8")
        }
        return .string(text)
      case .bytes: return .string(base64: content)
      case .message: return try json(content, message(field.typeName), depth: depth + 1)
      default: break
      }
    }
    guard let scalar = scalar(value, field) else { throw .otherKind }
    return scalar
  }

  /// The bytes of a nested message.
  private func nested(_ value: WireField.Value) throws(ProtobufError) -> ArraySlice<UInt8> {
    guard case .bytes(let content) = value else { throw .otherKind }
    return content
  }

  /// 64-bit numbers are strings, since many JSON readers use floating point.
  private func scalar(_ value: WireField.Value, _ field: FieldType) -> JSONValue? {
    switch (field.kind, value) {
    case (.bool, .varint(let raw)): .bool(raw != 0)
    case (.enum, .varint(let raw)): enumName(Int32(truncatingIfNeeded: raw), field.typeName)
    case (.int32, .varint(let raw)): .integer(Int32(truncatingIfNeeded: raw))
    case (.uint32, .varint(let raw)): .integer(UInt32(truncatingIfNeeded: raw))
    case (.sint32, .varint(let raw)): .integer(Int32(truncatingIfNeeded: zigzagDecoded(raw)))
    case (.int64, .varint(let raw)): .string("\(Int64(bitPattern: raw))")
    case (.uint64, .varint(let raw)), (.fixed64, .fixed64(let raw)): .string("\(raw)")
    case (.sint64, .varint(let raw)): .string("\(zigzagDecoded(raw))")
    case (.sfixed64, .fixed64(let raw)): .string("\(Int64(bitPattern: raw))")
    case (.fixed32, .fixed32(let raw)): .integer(raw)
    case (.sfixed32, .fixed32(let raw)): .integer(Int32(bitPattern: raw))
    case (.double, .fixed64(let raw)): floating(Double(bitPattern: raw))
    case (.float, .fixed32(let raw)): floating(Float(bitPattern: raw))
    default: nil
    }
  }

  private func enumName(_ number: Int32, _ typeName: String) -> JSONValue {
    let name = enums[typeName]?.values.first { $0.number == number }?.name
    return name.map { .string($0) } ?? .integer(number)
  }
}

/// The shortest text that parses to the same number; NaN and infinities as strings.
private func floating(_ value: some BinaryFloatingPoint & LosslessStringConvertible) -> JSONValue {
  if value.isNaN { return "NaN" }
  if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
  return .number(value.description)
}

/// Decodes zigzag: the lowest bit is the sign.
private func zigzagDecoded(_ raw: UInt64) -> Int64 {
  Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
}

extension FieldType {
  /// The value of an absent field.
  fileprivate var zero: WireField.Value {
    switch kind.wireType {
    case .varint: .varint(0)
    case .fixed64: .fixed64(0)
    case .fixed32: .fixed32(0)
    case .lengthDelimited: .bytes([])
    }
  }
}
