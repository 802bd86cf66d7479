import JSON

/// Reads data of one schema, resolves it to another, and returns it as JSON.
public struct AvroResolution: Sendable {
  private let match: SchemaMatch

  public init(writer: AvroSchema, reader: AvroSchema) {
    match = SchemaMatch(writer: writer, reader: reader)
  }

  /// A datum as JSON, in the form that `AvroSchema.datum` accepts.
  ///
  /// - Parameter payload: the full name in the writer's schema.
  public func json(_ body: [UInt8], as payload: String) throws(AvroError) -> JSONValue {
    guard let read = match.payload(payload) else {
      throw AvroError("the schema has no record \(payload) any more")
    }
    var reader = DatumReader(match: match, input: BinaryReader(body))
    let value = try reader.value(
      match.writer.payloadType(payload), as: match.reader.payloadType(read), depth: 0)
    guard reader.input.isAtEnd else {
      throw AvroError("\(body.count - reader.input.position) bytes follow the datum")
    }
    return value
  }
}

extension AvroSchema {
  /// A datum as JSON, read by the schema that wrote it.
  public func json(_ body: [UInt8], as payload: String) throws(AvroError) -> JSONValue {
    try AvroResolution(writer: self, reader: self).json(body, as: payload)
  }
}

private struct DatumReader {
  let match: SchemaMatch
  var input: BinaryReader

  mutating func value(
    _ written: AvroType, as read: AvroType, depth: Int
  ) throws(AvroError) -> JSONValue {
    try input.begin(depth: depth)
    if case .union(let branches) = written {
      let branch = branches[try input.index(below: branches.count)]
      return try value(branch, as: read, depth: depth + 1)
    }
    if case .union(let branches) = read {
      guard let index = match.branch(of: branches, for: written) else {
        throw mismatch(written, read)
      }
      let value = try value(written, as: branches[index], depth: depth + 1)
      return match.reader.wrapped(value, branch: index, of: branches)
    }
    guard match.fit(written, read) != .none else { throw mismatch(written, read) }
    switch (written, read) {
    case (.null, _): return .null
    case (.boolean, _): return .bool(try input.boolean())
    case (.int, _), (.long, _): return try number(written, as: read)
    case (.float, .double): return floating(Double(Float(bitPattern: try input.fixed32())))
    case (.float, _): return floating(Float(bitPattern: try input.fixed32()))
    case (.double, _): return floating(Double(bitPattern: try input.fixed64()))
    case (.string, .string): return .string(String(decoding: try input.string(), as: UTF8.self))
    case (.string, _): return .string(latin: try input.string())
    case (.bytes, .string): return .string(String(decoding: try input.string(), as: UTF8.self))
    case (.bytes, _): return .string(latin: try input.counted())
    case (.array(let written), .array(let read)):
      return try array(of: written, as: read, depth: depth)
    case (.map(let written), .map(let read)): return try map(of: written, as: read, depth: depth)
    case (.named(let written), .named(let read)):
      return try named(match.writer.named[written], as: match.reader.named[read], depth: depth)
    default: throw mismatch(written, read)
    }
  }

  private mutating func number(
    _ written: AvroType, as read: AvroType
  ) throws(AvroError) -> JSONValue {
    let value: Int64 = if case .int = written { Int64(try input.int()) } else { try input.long() }
    switch read {
    case .float: return floating(Float(value))
    case .double: return floating(Double(value))
    default: return .integer(value)
    }
  }

  private mutating func array(
    of written: AvroType, as read: AvroType, depth: Int
  ) throws(AvroError) -> JSONValue {
    var elements: [JSONValue] = []
    try each { (reader, index) throws(AvroError) in
      do throws(AvroError) {
        elements.append(try reader.value(written, as: read, depth: depth + 1))
      } catch { throw error.within(index: index) }
    }
    return .array(elements)
  }

  private mutating func map(
    of written: AvroType, as read: AvroType, depth: Int
  ) throws(AvroError) -> JSONValue {
    var members: [JSONValue.Member] = []
    // The last value of a duplicate key wins.
    var places: [[UInt8]: Int] = [:]
    try each { (reader, _) throws(AvroError) in
      let key = try reader.input.string()
      do throws(AvroError) {
        let value = try reader.value(written, as: read, depth: depth + 1)
        if let place = places[Array(key)] {
          members[place].value = value
          return
        }
        places[Array(key)] = members.count
        members.append(.init(String(decoding: key, as: UTF8.self), value))
      } catch { throw error.within(key: key) }
    }
    return .object(members)
  }

  /// Reads the items of all blocks.
  private mutating func each(
    _ body: (inout DatumReader, Int) throws(AvroError) -> Void
  ) throws(AvroError) {
    var reader = self
    try input.blocks { (input, index) throws(AvroError) in
      swap(&reader.input, &input)
      defer { swap(&reader.input, &input) }
      try body(&reader, index)
    }
  }

  private mutating func named(
    _ written: NamedType, as read: NamedType, depth: Int
  ) throws(AvroError) -> JSONValue {
    switch (written, read) {
    case (.enumeration(let written), .enumeration(let read)):
      let symbol = written.symbols[try input.index(below: written.symbols.count)]
      if read.symbols.contains(symbol) { return .string(symbol) }
      guard let fallback = read.fallback else {
        throw AvroError("\(read.name.full) has no symbol \(symbol) any more, and no default")
      }
      return .string(fallback)
    case (.fixed(let type), _): return .string(latin: try input.slice(type.size))
    case (.record(let written), .record(let read)):
      return try record(written, as: read, depth: depth)
    default: throw AvroError("expected \(read.name.full), got \(written.name.full)")
    }
  }

  /// Reads fields in the writer's order, and returns them in the reader's.
  private mutating func record(
    _ written: RecordType, as read: RecordType, depth: Int
  ) throws(AvroError) -> JSONValue {
    var values = [JSONValue?](repeating: nil, count: read.fields.count)
    for field in written.fields {
      do throws(AvroError) {
        guard let place = match.field(field, of: read) else {
          try input.skip(field.type, of: match.writer, depth: depth + 1)
          continue
        }
        values[place] = try value(field.type, as: read.fields[place].type, depth: depth + 1)
      } catch { throw error.within(field.name) }
    }
    var members: [JSONValue.Member] = []
    for (field, value) in zip(read.fields, values) {
      do throws(AvroError) {
        let value = if let value { value } else { try fallback(of: field, depth: depth) }
        members.append(.init(field.name, value))
      } catch { throw error.within(field.name) }
    }
    return .object(members)
  }

  private mutating func fallback(
    of field: RecordType.Field, depth: Int
  ) throws(AvroError) -> JSONValue {
    guard let bytes = field.fallbackBytes else {
      throw AvroError("the field is new, and has no default for data that lack it")
    }
    let own = SchemaMatch(writer: match.reader, reader: match.reader)
    var reader = DatumReader(match: own, input: input.within(bytes))
    defer { input.count(reader.input) }
    return try reader.value(field.type, as: field.type, depth: depth + 1)
  }

  private func mismatch(_ written: AvroType, _ read: AvroType) -> AvroError {
    AvroError("expected \(match.reader.name(of: read)), got \(match.writer.name(of: written))")
  }
}

/// The shortest text that parses to the same number; NaN and infinities as strings.
private func floating(_ value: some BinaryFloatingPoint & LosslessStringConvertible) -> JSONValue {
  if value.isNaN { return "NaN" }
  if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
  return .number(value.description)
}

extension JSONValue {
  /// Bytes as a string, one character from U+0000 to U+00FF each, as in Avro's JSON.
  fileprivate static func string(latin bytes: some Sequence<UInt8>) -> JSONValue {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(Unicode.Scalar(byte)) }
    return .string(String(text))
  }
}
