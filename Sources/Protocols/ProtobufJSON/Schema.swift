import ProtobufFields

/// Message and enum types: those that come with protobuf, and those that descriptors add.
public struct Schema: Sendable {
  var messages: [String: MessageType] = [:]
  var enums: [String: EnumType] = [:]

  /// The full names of all message types, in alphabetical order.
  public var messageNames: [String] {
    messages.values.filter { !$0.isMapEntry }.map(\.name).sorted()
  }

  /// Whether it has a message type of that full name.
  public func describes(_ name: String) -> Bool { messages[name].map { !$0.isMapEntry } ?? false }

  func message(_ name: String) throws(ProtobufError) -> MessageType {
    guard let message = messages[name] else {
      throw ProtobufError("the descriptors do not have the type \(name)")
    }
    return message
  }
}

/// A message type (`DescriptorProto`).
struct MessageType: Sendable {
  /// Without a dot in front.
  var name: String
  var fields: [FieldType] = []
  /// Whether it is the key and value of a map field.
  var isMapEntry = false
}

/// A field of a message (`FieldDescriptorProto`).
struct FieldType: Sendable {
  var name = ""
  var jsonName = ""
  var number = 0
  var kind = Kind.int32
  var isRepeated = false
  /// Where one value follows the other under one tag.
  var isPacked = false
  /// Whether a message without the field is told from one that has its zero.
  var hasPresence = false
  /// proto2's `required`.
  var isRequired = false
  /// The message or enum, without a dot in front; empty for other kinds.
  var typeName = ""

  /// `FieldDescriptorProto.Type`, without groups.
  enum Kind: UInt64, Sendable {
    case double = 1
    case float, int64, uint64, int32, fixed64, fixed32, bool, string
    case message = 11
    case bytes, uint32, `enum`, sfixed32, sfixed64, sint32, sint64

    var wireType: WireType {
      switch self {
      case .double, .fixed64, .sfixed64: .fixed64
      case .float, .fixed32, .sfixed32: .fixed32
      case .string, .bytes, .message: .lengthDelimited
      default: .varint
      }
    }
  }
}

/// An enum type (`EnumDescriptorProto`).
struct EnumType: Sendable {
  var name: String
  var values: [(name: String, number: Int32)] = []
}
