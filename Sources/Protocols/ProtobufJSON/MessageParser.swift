import Encodings
import JSON
import ProtobufFields

extension Schema {
  /// Encodes JSON as a message in wire form, by protobuf's mapping. Accepts fields by their JSON
  /// names or their own; an unknown one is an error, since it is probably mistyped.
  public func bytes(_ json: JSONValue, as typeName: String) throws(ProtobufError) -> [UInt8] {
    try bytes(json, message(typeName), depth: 0)
  }

  func bytes(
    _ json: JSONValue, _ type: MessageType, depth: Int
  ) throws(ProtobufError) -> [UInt8] {
    guard depth < ProtobufError.depthMax else { throw .tooDeep }
    if let wellKnown = try wellKnownBytes(json, type, depth: depth) { return wellKnown }
    guard case .object(let members) = json else { throw expected("an object", json) }
    var writer = FieldWriter()
    var seen: Set<Int> = []
    for member in members {
      let field = type.fields.first { $0.jsonName == member.name || $0.name == member.name }
      guard let field else {
        let names = type.fields.map(\.jsonName).joined(separator: ", ")
        throw ProtobufError("\(type.name) has no such field; it has \(names)").within(member.name)
      }
      guard seen.insert(field.number).inserted else {
        throw ProtobufError("duplicate field").within(member.name)
      }
      do throws(ProtobufError) {
        try write(member.value, field, depth: depth, to: &writer)
      } catch {
        throw error.within(member.name)
      }
    }
    return writer.bytes
  }

  private func write(
    _ json: JSONValue, _ field: FieldType, depth: Int, to writer: inout FieldWriter
  ) throws(ProtobufError) {
    // Null means absent, except for the one type with null as a value.
    if json == .null, field.typeName != "google.protobuf.Value" { return }
    if let entry = mapEntry(field) {
      return try writeMap(json, field.number, entry, depth: depth, to: &writer)
    }
    guard field.isRepeated else {
      return writer.write(field: field.number, try value(json, field, depth: depth))
    }
    guard case .array(let elements) = json else { throw expected("an array", json) }
    var packed = FieldWriter()
    for element in elements {
      let value = try value(element, field, depth: depth)
      if field.isPacked {
        packed.write(packed: value)
      } else {
        writer.write(field: field.number, value)
      }
    }
    if !packed.bytes.isEmpty { writer.write(field: field.number, .bytes(packed.bytes[...])) }
  }

  private func writeMap(
    _ json: JSONValue, _ number: Int, _ entry: (key: FieldType, value: FieldType), depth: Int,
    to writer: inout FieldWriter
  ) throws(ProtobufError) {
    guard case .object(let members) = json else { throw expected("an object", json) }
    for member in members {
      do throws(ProtobufError) {
        // JSON keys are always strings.
        let isFlag = entry.key.kind == .bool && ["true", "false"].contains(member.name)
        let key: JSONValue = isFlag ? .bool(member.name == "true") : .string(member.name)
        var content = FieldWriter()
        content.write(field: 1, try value(key, entry.key, depth: depth))
        content.write(field: 2, try value(member.value, entry.value, depth: depth))
        writer.write(field: number, .bytes(content.bytes[...]))
      } catch {
        throw error.within(member.name)
      }
    }
  }

  private func value(
    _ json: JSONValue, _ field: FieldType, depth: Int
  ) throws(ProtobufError) -> WireField.Value {
    switch field.kind {
    case .message: return .bytes(try bytes(json, message(field.typeName), depth: depth + 1)[...])
    case .string:
      guard case .string(let text) = json else { throw expected("a string", json) }
      return .bytes(Array(text.utf8)[...])
    case .bytes:
      guard case .string(let text) = json, let bytes = Base64.decode(text.utf8, .either) else {
        throw expected("a string in Base64", json)
      }
      return .bytes(bytes[...])
    case .bool:
      guard case .bool(let flag) = json else { throw expected("true or false", json) }
      return .varint(flag ? 1 : 0)
    case .enum: return .varint(UInt64(bitPattern: Int64(try enumNumber(json, field.typeName))))
    case .double: return .fixed64((try floating(json) as Double).bitPattern)
    case .float: return .fixed32((try floating(json) as Float).bitPattern)
    case .int32: return .varint(UInt64(bitPattern: Int64(try integer(json) as Int32)))
    case .int64: return .varint(UInt64(bitPattern: try integer(json)))
    case .uint32: return .varint(UInt64(try integer(json) as UInt32))
    case .uint64: return .varint(try integer(json))
    case .sint32: return .varint(zigzagEncoded(Int64(try integer(json) as Int32)))
    case .sint64: return .varint(zigzagEncoded(try integer(json)))
    case .fixed32: return .fixed32(try integer(json))
    case .sfixed32: return .fixed32(UInt32(bitPattern: try integer(json)))
    case .fixed64: return .fixed64(try integer(json))
    case .sfixed64: return .fixed64(UInt64(bitPattern: try integer(json)))
    }
  }

  private func enumNumber(_ json: JSONValue, _ typeName: String) throws(ProtobufError) -> Int32 {
    guard case .string(let name) = json else { return try integer(json) }
    let values = enums[typeName]?.values ?? []
    guard let value = values.first(where: { $0.name == name }) else {
      let names = values.map(\.name).joined(separator: ", ")
      throw ProtobufError("\(typeName) has no \"\(name)\"; it has \(names)")
    }
    return value.number
  }
}

/// A whole number, as a number or a string; `1.0` and `1e3` count, as in the mapping.
private func integer<Value: FixedWidthInteger>(_ json: JSONValue) throws(ProtobufError) -> Value {
  switch json {
  case .number(let text), .string(let text):
    if let value = Value(text) { return value }
    if let value = Double(text).flatMap({ Value(exactly: $0) }) { return value }
  default: break
  }
  throw expected("a whole number from \(Value.min) to \(Value.max)", json)
}

private func floating<Value: BinaryFloatingPoint & LosslessStringConvertible>(
  _ json: JSONValue
) throws(ProtobufError) -> Value {
  switch json {
  case .string("NaN"): return .nan
  case .string("Infinity"): return .infinity
  case .string("-Infinity"): return -.infinity
  case .number(let text), .string(let text):
    if let value = Value(text), value.isFinite { return value }
  default: break
  }
  throw expected("a number", json)
}

private func zigzagEncoded(_ value: Int64) -> UInt64 {
  UInt64(bitPattern: value << 1 ^ value >> 63)
}

func expected(_ what: String, _ found: JSONValue) -> ProtobufError {
  switch found {
  case .string(let text): ProtobufError("\"\(text)\" is here; \(what) is expected")
  case .number(let text): ProtobufError("\(text) is here; \(what) is expected")
  default: ProtobufError("\(found.kind) is here; \(what) is expected")
  }
}
