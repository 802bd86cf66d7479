import ProtobufFields

/// Message and enum types: protobuf's own, and those from descriptors.
public struct Schema: Sendable {
  var messages: [String: MessageType] = [:]
  var enums: [String: EnumType] = [:]

  /// Full names of all message types, sorted.
  public var messageNames: [String] {
    messages.values.filter { !$0.isMapEntry }.map(\.name).sorted()
  }

  /// True if there is a message type of this full name.
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
  /// Without a leading dot.
  var name: String
  var fields: [FieldType] = []
  /// True for the entry type of a map field.
  var isMapEntry = false
}

/// A field of a message (`FieldDescriptorProto`).
struct FieldType: Sendable {
  var name = ""
  var jsonName = ""
  var number = 0
  var kind = Kind.int32
  var isRepeated = false
  /// True if the values follow each other under one tag.
  var isPacked = false
  /// True if an absent field differs from one with its zero value.
  var hasPresence = false
  /// proto2's `required`.
  var isRequired = false
  /// The message or enum, without a leading dot; empty for other kinds.
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
