import RPC

// The few lines of protobuf that `grpc.testing` takes
// (https://protobuf.dev/programming-guides/encoding/).

/// A field as it was read: a number, or the bytes of a text or a nested message.
struct Field {
  let number: UInt64
  var value: UInt64 = 0
  var content: Message = []

  var int: Int { Int(Int32(truncatingIfNeeded: value)) }
}

/// The fields of a message; bytes that are no protobuf are INVALID_ARGUMENT.
func fields(_ message: Message) throws(RPCStatus) -> [Field] {
  var rest = message[...]
  var fields: [Field] = []
  while !rest.isEmpty {
    let tag = try varint(&rest)
    switch tag & 7 {
    case 0: fields.append(Field(number: tag >> 3, value: try varint(&rest)))
    case 1: _ = try take(8, &rest)
    case 2:
      let content = try take(Int(clamping: try varint(&rest)), &rest)
      fields.append(Field(number: tag >> 3, content: Array(content)))
    case 5: _ = try take(4, &rest)
    default: throw RPCStatus(.invalidArgument, "a field has a wire type that does not exist")
    }
  }
  return fields
}

private func take(
  _ count: Int, _ rest: inout ArraySlice<UInt8>
) throws(RPCStatus) -> ArraySlice<UInt8> {
  guard count <= rest.count else { throw RPCStatus(.invalidArgument, "a message is cut short") }
  defer { rest = rest.dropFirst(count) }
  return rest.prefix(count)
}

private func varint(_ rest: inout ArraySlice<UInt8>) throws(RPCStatus) -> UInt64 {
  var value: UInt64 = 0
  for shift in stride(from: 0, to: 70, by: 7) {
    guard let byte = rest.popFirst() else { break }
    value |= UInt64(byte & 0x7f) << shift
    if byte < 0x80 { return value }
  }
  throw RPCStatus(.invalidArgument, "a number is cut short")
}

// Writing. What is zero or empty is left out, as proto3 wants it.

func field(_ number: UInt64, _ value: Int) -> Message {
  value == 0 ? [] : varint(number << 3) + varint(UInt64(value))
}

func field(_ number: UInt64, _ content: Message) -> Message {
  content.isEmpty ? [] : nested(number, content)
}

/// A nested message, written even if it is empty.
func nested(_ number: UInt64, _ content: Message) -> Message {
  varint(number << 3 | 2) + varint(UInt64(content.count)) + content
}

private func varint(_ value: UInt64) -> Message {
  value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7f) | 0x80] + varint(value >> 7)
}
