extension AvroSchema {
  /// Checks that bytes are exactly one datum of a payload. Throws with the path of the wrong
  /// field.
  public func check(_ body: [UInt8], as payload: String) throws(AvroError) {
    var reader = BinaryReader(body)
    try reader.skip(payloadType(payload), of: self, depth: 0)
    guard reader.isAtEnd else {
      throw AvroError("\(body.count - reader.position) bytes follow the datum")
    }
  }
}

extension BinaryReader {
  /// Validates and skips a value.
  mutating func skip(
    _ type: AvroType, of schema: AvroSchema, depth: Int
  ) throws(AvroError) {
    try begin(depth: depth)
    switch type {
    case .null: break
    case .boolean: _ = try boolean()
    case .int: _ = try int()
    case .long: _ = try long()
    case .float: _ = try slice(4)
    case .double: _ = try slice(8)
    case .bytes: _ = try counted()
    case .string: _ = try string()
    case .array(let items):
      try blocks { (reader, index) throws(AvroError) in
        do throws(AvroError) { try reader.skip(items, of: schema, depth: depth + 1) } catch {
          throw error.within(index: index)
        }
      }
    case .map(let values):
      try blocks { (reader, _) throws(AvroError) in
        let key = try reader.string()
        do throws(AvroError) { try reader.skip(values, of: schema, depth: depth + 1) } catch {
          throw error.within(key: key)
        }
      }
    case .union(let branches):
      try skip(branches[try index(below: branches.count)], of: schema, depth: depth + 1)
    case .named(let index):
      switch schema.named[index] {
      case .enumeration(let type): _ = try self.index(below: type.symbols.count)
      case .fixed(let type): _ = try slice(type.size)
      case .record(let record):
        for field in record.fields {
          do throws(AvroError) { try skip(field.type, of: schema, depth: depth + 1) } catch {
            throw error.within(field.name)
          }
        }
      }
    }
  }
}

extension AvroError {
  /// Keys are untrusted texts of any length.
  func within(key: some Collection<UInt8>) -> AvroError {
    within("[\"\(String(decoding: key.prefix(64), as: UTF8.self))\"]")
  }
}
