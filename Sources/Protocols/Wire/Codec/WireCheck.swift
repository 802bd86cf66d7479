import CWire
import EventModel

/// Validates a message before protobuf-c reads it, and says what is wrong and where. protobuf-c
/// does neither.
///
/// Uses the descriptors that protoc-c generated. Besides violations of protobuf (lengths, wire
/// types, UTF-8) it refuses
/// - a zero byte in a string, which would end the string early in C, and
/// - a singular nested message that occurs twice, which protobuf would merge: no encoder writes
///   that, and bytes that are passed on must mean the same to every reader.
///
/// Skips unknown fields. No message of ours contains itself, so depth is bounded.
enum WireCheck {
  static func check<Message: CMessage>(
    _ bytes: Bytes, as type: Message.Type
  ) throws(WireError) {
    try bytes.withUnsafeBufferPointer { (view) throws(WireError) in
      try reading(type.name) { () throws(WireError) in try check(view, as: type.descriptor) }
    }
  }

  static func check(
    _ view: View, as descriptor: UnsafePointer<ProtobufCMessageDescriptor>
  ) throws(WireError) {
    guard let fields = descriptor.pointee.fields else { return try checkUnknown(view) }
    let count = Int(descriptor.pointee.n_fields)
    var counts = Counts(fieldCount: count)
    var reader = FieldReader(view)
    while let found = try reader.next() {
      var index = 0
      while index < count, fields[index].id != found.number { index += 1 }
      guard index < count else { continue }
      let place = counts.add(index)
      do {
        try check(found, as: fields + index, place: place, in: view)
      } catch {
        let name = path(of: fields[index])
        let isRepeated = fields[index].label == PROTOBUF_C_LABEL_REPEATED
        throw error.inside(isRepeated ? "\(name)[\(place)]" : name)
      }
    }
  }

  /// A message without fields may still have some, from a newer sender.
  private static func checkUnknown(_ view: View) throws(WireError) {
    var reader = FieldReader(view)
    while try reader.next() != nil {}
  }

  private static func check(
    _ found: FieldReader.Field, as field: UnsafePointer<ProtobufCFieldDescriptor>, place: Int,
    in view: View
  ) throws(WireError) {
    let expected = wireType(of: field.pointee.type)
    if field.isPackable, found.type == .lengthDelimited {
      return try checkPacked(view.part(found.content), of: expected)
    }
    guard found.type == expected else {
      throw WireError(.malformed, "has wire type \(found.type), but is \(expected)")
    }
    switch field.pointee.type {
    case PROTOBUF_C_TYPE_MESSAGE:
      guard place == 0 || field.pointee.label == PROTOBUF_C_LABEL_REPEATED else {
        throw WireError(.malformed, "is given twice")
      }
      try check(
        view.part(found.content),
        as: field.pointee.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self))
    case PROTOBUF_C_TYPE_STRING:
      try checkText(view.part(found.content))
    default: break
    }
  }

  /// A repeated field's numbers may be packed by any sender.
  private static func checkPacked(
    _ numbers: View, of type: WireType
  ) throws(WireError) {
    var reader = FieldReader(numbers)
    while try reader.packedNumber(type) != nil {}
  }

  private static func checkText(_ text: View) throws(WireError) {
    // Without an early exit the loop is vectorised.
    var bits: UInt8 = 0
    var hasZero = false
    for byte in text {
      bits |= byte
      hasZero = hasZero || byte == 0
    }
    if hasZero { throw WireError(.malformed, "holds a zero byte, which a text may not") }
    guard bits >= 0x80 else { return }
    do { _ = try UTF8Span(validating: text.span) } catch {
      throw WireError(.malformed, "is not UTF-8")
    }
  }

  /// `Event` of `EventPage` is the one field with a capital; paths write it in lower case.
  private static func path(of field: ProtobufCFieldDescriptor) -> String {
    let name = String(cString: field.name)
    return name.prefix(1).lowercased() + name.dropFirst()
  }

  private static func wireType(of type: ProtobufCType) -> WireType {
    switch type {
    case PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_MESSAGE: .lengthDelimited
    case PROTOBUF_C_TYPE_FIXED32, PROTOBUF_C_TYPE_SFIXED32, PROTOBUF_C_TYPE_FLOAT: .fixed32
    case PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_SFIXED64, PROTOBUF_C_TYPE_DOUBLE: .fixed64
    default: .varint
    }
  }

  /// Counts occurrences of fields: no message of ours has more fields than this.
  private struct Counts {
    private var counts: InlineArray<24, Int32> = .init(repeating: 0)

    init(fieldCount: Int) {
      precondition(fieldCount <= 24, "a message with more fields needs more counters")
    }

    /// The number of earlier occurrences of the field.
    mutating func add(_ index: Int) -> Int {
      counts[index] += 1
      return Int(counts[index]) - 1
    }
  }
}

extension UnsafePointer<ProtobufCFieldDescriptor> {
  /// True if it holds numbers, packed or not.
  fileprivate var isPackable: Bool {
    guard pointee.label == PROTOBUF_C_LABEL_REPEATED else { return false }
    switch pointee.type {
    case PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_MESSAGE: return false
    default: return true
    }
  }
}
