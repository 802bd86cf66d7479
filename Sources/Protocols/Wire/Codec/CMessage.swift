import CWire
import EventModel

/// A C structure that protoc-c generated for a message.
protocol CMessage {
  init()
  var base: ProtobufCMessage { get }
  /// Sets the defaults and the descriptor.
  static var initialize: (UnsafeMutablePointer<Self>?) -> Void { get }
}

extension CMessage {
  /// A static constant in protoc-c's code.
  static var descriptor: UnsafePointer<ProtobufCMessageDescriptor> {
    var message = Self()
    initialize(&message)
    return message.base.descriptor
  }

  /// The message's full protobuf name.
  static var name: String { String(cString: descriptor.pointee.name) }
}

/// Checks a message and passes it undecoded to the body.
func walk<Message: CMessage, Value>(
  _ type: Message.Type, _ bytes: Bytes, _ body: (View) throws(WireError) -> Value
) throws(WireError) -> Value {
  try bytes.withUnsafeBufferPointer { (view) throws(WireError) -> Value in
    try reading(type.name) { () throws(WireError) -> Value in
      try WireCheck.check(view, as: type.descriptor)
      return try body(view)
    }
  }
}

/// Checks a message, unpacks it and passes it to the body. The memory is freed afterwards.
func unpack<Message: CMessage, Value>(
  _ type: Message.Type, _ bytes: Bytes,
  _ body: (UnsafePointer<Message>) throws(WireError) -> Value
) throws(WireError) -> Value {
  try walk(type, bytes) { view throws(WireError) in try unpackChecked(type, view, body) }
}

/// As `unpack`, for a part of a message already checked as a whole.
func unpackChecked<Message: CMessage, Value>(
  _ type: Message.Type, _ view: View,
  _ body: (UnsafePointer<Message>) throws(WireError) -> Value
) throws(WireError) -> Value {
  let arena = Arena(expecting: view.count * 4)
  var allocator = arena.allocator
  guard
    let message = protobuf_c_message_unpack(
      type.descriptor, &allocator, view.count, view.baseAddress)
  else {
    guard arena.limitWasReached else {
      throw WireError(.malformed, "is not a message that protobuf-c can unpack")
    }
    throw WireError(
      .tooLarge, "takes more than \(FieldLimits.unpackedByteCount) bytes of memory")
  }
  defer { withExtendedLifetime(arena) {} }
  // Its own descriptor unpacked it, into memory large enough for `Message`.
  return try body(UnsafeRawPointer(message).assumingMemoryBound(to: Message.self))
}

/// Allocates messages for packing, for the duration of the packing.
struct MessageBuilder: ~Copyable {
  private let arena: Arena

  fileprivate init() { arena = Arena(expecting: 1024, limit: .max) }

  /// A message with no field set.
  func make<Message: CMessage>(_ type: Message.Type) -> UnsafeMutablePointer<Message> {
    let message = room(for: type, 1)
    Message.initialize(message)
    return message
  }

  func string(_ name: Name) -> UnsafeMutablePointer<CChar> { string(name.text) }

  /// A zero-terminated copy of the text.
  func string(_ text: String) -> UnsafeMutablePointer<CChar> {
    var text = text
    return text.withUTF8 { utf8 in
      let copy = room(for: UInt8.self, utf8.count + 1)
      if let source = utf8.baseAddress { copy.update(from: source, count: utf8.count) }
      copy[utf8.count] = 0
      return UnsafeMutableRawPointer(copy).assumingMemoryBound(to: CChar.self)
    }
  }

  func data(_ bytes: Bytes) -> ProtobufCBinaryData {
    let copy = room(for: UInt8.self, bytes.count)
    bytes.withUnsafeBufferPointer { view in
      if let source = view.baseAddress { copy.update(from: source, count: view.count) }
    }
    return ProtobufCBinaryData(len: bytes.count, data: copy)
  }

  /// A repeated field's array of pointers.
  func array<Message>(
    _ messages: [UnsafeMutablePointer<Message>]
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<Message>?> {
    let array = room(for: UnsafeMutablePointer<Message>?.self, messages.count)
    for (index, message) in messages.enumerated() { array[index] = message }
    return array
  }

  /// A repeated string field's array.
  func strings(_ texts: [String]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    let array = room(for: UnsafeMutablePointer<CChar>?.self, texts.count)
    for (index, text) in texts.enumerated() { array[index] = string(text) }
    return array
  }

  /// Raw bytes may hold C structures and pointers, which need no initialization in Swift's sense.
  private func room<Value>(for type: Value.Type, _ count: Int) -> UnsafeMutablePointer<Value> {
    guard let memory = arena.allocate(MemoryLayout<Value>.stride * count) else {
      preconditionFailure("an arena without a limit gives what it is asked for")
    }
    return memory.bindMemory(to: type, capacity: count)
  }
}

/// Packs the message that the body returns.
func pack<Message: CMessage>(
  _ type: Message.Type, _ body: (borrowing MessageBuilder, inout Message) -> Void
) -> Bytes {
  let builder = MessageBuilder()
  let message = builder.make(type)
  body(builder, &message.pointee)
  defer { withExtendedLifetime(builder) {} }
  return message.withMemoryRebound(to: ProtobufCMessage.self, capacity: 1) { base in
    let size = protobuf_c_message_get_packed_size(base)
    return Bytes(unsafeUninitializedCapacity: size) { buffer, count in
      count = size == 0 ? 0 : protobuf_c_message_pack(base, buffer.baseAddress)
    }
  }
}
