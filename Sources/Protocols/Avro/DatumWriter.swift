import JSON

extension AvroSchema {
  /// Encodes JSON as a payload's datum. Missing fields get their defaults; an unknown member is an
  /// error, since it is probably mistyped. A union takes the plain value if only one of its types
  /// fits, and `{"TYPE": value}` always. Bytes are a string of the characters U+0000 to U+00FF
  /// (Apache Avro 1.11, "JSON Encoding").
  public func datum(_ json: JSONValue, as payload: String) throws(AvroError) -> [UInt8] {
    var writer = DatumWriter(self)
    try writer.write(json, as: payloadType(payload), depth: 0)
    return writer.bytes
  }
}

/// Encodes JSON as data.
struct DatumWriter {
  private let schema: AvroSchema
  private var output = BinaryWriter()
  private var valuesLeft = AvroLimits.valuesMax

  init(_ schema: AvroSchema) { self.schema = schema }

  var bytes: [UInt8] { output.bytes }

  /// Writes a field's default. A union's default is of its first type, without a name around it
  /// (Apache Avro 1.11, "Complex Types"), or in the usual form.
  mutating func write(default json: JSONValue, as type: AvroType) throws(AvroError) {
    if case .union(let branches) = type, schema.fits(json, branches[0]) {
      output.write(long: 0)
      return try write(json, as: branches[0], depth: 1)
    }
    try write(json, as: type, depth: 0)
  }

  mutating func write(_ json: JSONValue, as type: AvroType, depth: Int) throws(AvroError) {
    guard depth < AvroLimits.depthMax else { throw .tooDeep }
    try count(1)
    if case .union(let branches) = type {
      let (index, value) = try schema.branch(of: branches, for: json)
      output.write(long: Int64(index))
      return try write(value, as: branches[index], depth: depth + 1)
    }
    guard schema.fits(json, type) else { throw try misfit(json, type) }
    switch (type, json) {
    case (.boolean, .bool(let flag)): output.write(byte: flag ? 1 : 0)
    case (.int, _), (.long, _): output.write(long: json.whole ?? 0)
    case (.float, _): output.write(fixed32: Float(json.floating ?? 0).bitPattern)
    case (.double, _): output.write(fixed64: (json.floating ?? 0).bitPattern)
    case (.string, .string(let text)): output.write(counted: text.utf8)
    case (.bytes, .string(let text)): output.write(counted: text.latin)
    case (.array(let items), .array(let elements)):
      try writeArray(elements, of: items, depth: depth)
    case (.map(let values), .object(let members)): try writeMap(members, of: values, depth: depth)
    case (.named(let index), _): try write(json, as: schema.named[index], depth: depth)
    default: break
    }
  }

  private mutating func count(_ values: Int) throws(AvroError) {
    valuesLeft -= values
    guard valuesLeft >= 0 else {
      throw AvroError("a datum may hold \(AvroLimits.valuesMax) values")
    }
  }

  private mutating func writeArray(
    _ elements: [JSONValue], of items: AvroType, depth: Int
  ) throws(AvroError) {
    if !elements.isEmpty { output.write(long: Int64(elements.count)) }
    for (index, element) in elements.enumerated() {
      do throws(AvroError) { try write(element, as: items, depth: depth + 1) } catch {
        throw error.within(index: index)
      }
    }
    output.write(long: 0)
  }

  private mutating func writeMap(
    _ members: [JSONValue.Member], of values: AvroType, depth: Int
  ) throws(AvroError) {
    if !members.isEmpty { output.write(long: Int64(members.count)) }
    for member in members {
      output.write(counted: member.name.utf8)
      do throws(AvroError) { try write(member.value, as: values, depth: depth + 1) } catch {
        throw error.within(key: member.name.utf8)
      }
    }
    output.write(long: 0)
  }

  private mutating func write(
    _ json: JSONValue, as type: NamedType, depth: Int
  ) throws(AvroError) {
    switch (type, json) {
    case (.enumeration(let type), .string(let symbol)):
      output.write(long: Int64(type.symbols.firstIndex(of: symbol) ?? 0))
    case (.fixed, .string(let text)): output.write(raw: text.latin)
    case (.record(let record), _):
      for field in record.fields {
        do throws(AvroError) { try write(field, of: json, depth: depth) } catch {
          throw error.within(field.name)
        }
      }
    default: break
    }
  }

  private mutating func write(
    _ field: RecordType.Field, of json: JSONValue, depth: Int
  ) throws(AvroError) {
    if let value = json[field.name] { return try write(value, as: field.type, depth: depth + 1) }
    if let bytes = field.fallbackBytes {
      // Nested defaults may double in size with each level.
      try count(bytes.count)
      return output.write(raw: bytes)
    }
    // Not checked yet: this check is for a default that contains it.
    guard let fallback = field.fallback else { throw AvroError("the field is missing") }
    if case .union(let branches) = field.type, schema.fits(fallback, branches[0]) {
      output.write(long: 0)
      return try write(fallback, as: branches[0], depth: depth + 1)
    }
    try write(fallback, as: field.type, depth: depth + 1)
  }

  /// Why a value does not fit, as precisely as possible.
  private func misfit(_ json: JSONValue, _ type: AvroType) throws(AvroError) -> AvroError {
    guard case .named(let index) = type else {
      return AvroError("expected \(schema.name(of: type)), got \(json.shown)")
    }
    switch (schema.named[index], json) {
    case (.record(let record), .object(let members)):
      let names = record.fields.map(\.name)
      if let unknown = members.first(where: { !names.contains($0.name) }) {
        return AvroError(
          "\(record.name.full) has no such field; it has \(names.joined(separator: ", "))"
        ).within(String(unknown.name.prefix(64)))
      }
      let missing = record.fields.first { $0.fallback == nil && json[$0.name] == nil }
      return AvroError("the field is missing").within(missing?.name ?? "")
    case (.enumeration(let type), .string):
      return AvroError(
        "\(type.name.full) has no \(json.shown); it has \(type.symbols.joined(separator: ", "))")
    case (.fixed(let type), .string(let text)):
      return AvroError(
        "expected \(type.size) characters from U+0000 to U+00FF, got \(text.unicodeScalars.count)")
    case (.record(let record), _):
      return AvroError("expected an object (\(record.name.full)), got \(json.shown)")
    case (let other, _): return AvroError("expected \(other.name.full), got \(json.shown)")
    }
  }
}

extension String {
  /// The bytes of characters up to U+00FF.
  fileprivate var latin: [UInt8] { unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }
}
