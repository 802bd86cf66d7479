import ProtobufFields

/// One field of a message.
struct WireField {
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes(ArraySlice<UInt8>)
  }

  let number: Int
  let value: Value

  /// All fields of a message.
  static func fields(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> [WireField] {
    try bytes.withUnsafeBufferPointer { (view) throws(ProtobufError) in
      var reader = FieldReader<ProtobufError>(view)
      var fields: [WireField] = []
      while let field = try reader.next() {
        let content = bytes.dropFirst(field.content.lowerBound).prefix(field.content.count)
        let value = Value(field.type, field.value) ?? .bytes(content)
        fields.append(WireField(number: Int(field.number), value: value))
      }
      return fields
    }
  }
}

extension WireField.Value {
  /// Nil if it is not a number.
  fileprivate init?(_ type: WireType, _ bits: UInt64) {
    switch type {
    case .varint: self = .varint(bits)
    case .fixed64: self = .fixed64(bits)
    case .fixed32: self = .fixed32(UInt32(bits))
    case .lengthDelimited: return nil
    }
  }

  /// The numbers of a packed field.
  static func packed(
    _ bytes: ArraySlice<UInt8>, _ type: WireType
  ) throws(ProtobufError) -> [WireField.Value] {
    try bytes.withUnsafeBufferPointer { (view) throws(ProtobufError) in
      var reader = FieldReader<ProtobufError>(view)
      var numbers: [WireField.Value] = []
      while let bits = try reader.packedNumber(type) {
        if let number = WireField.Value(type, bits) { numbers.append(number) }
      }
      return numbers
    }
  }
}

extension ProtobufError: MalformedMessage {
  public init(malformed reason: String) { self.init("the message \(reason)") }
}

extension FieldWriter {
  mutating func write(field number: Int, _ value: WireField.Value) {
    if case .bytes(let content) = value { return field(UInt32(number), Array(content)) }
    tag(UInt32(number), value.type)
    write(packed: value)
  }

  /// Writes a number without its tag, for a packed field.
  mutating func write(packed value: WireField.Value) {
    switch value {
    case .varint(let bits), .fixed64(let bits): packed(bits, value.type)
    case .fixed32(let bits): packed(UInt64(bits), value.type)
    case .bytes: preconditionFailure("text and bytes are not packed")
    }
  }
}

extension WireField.Value {
  var type: WireType {
    switch self {
    case .varint: .varint
    case .fixed64: .fixed64
    case .fixed32: .fixed32
    case .bytes: .lengthDelimited
    }
  }
}
