// Parses descriptor.proto's messages by their field numbers:
// https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/descriptor.proto

extension Schema {
  /// Protobuf's own types, and those of a `FileDescriptorSet`.
  public init(descriptorSet bytes: [UInt8]) throws(ProtobufError) {
    self = .wellKnown
    try add(descriptorSet: bytes)
  }

  /// Adds the types of a `FileDescriptorSet`, as written by `protoc --include_imports
  /// --descriptor_set_out=FILE`.
  public mutating func add(descriptorSet bytes: [UInt8]) throws(ProtobufError) {
    var files: [[UInt8]] = []
    for field in try WireField.fields(bytes[...]) {
      if case (1, .bytes(let file)) = (field.number, field.value) { files.append(Array(file)) }
    }
    guard !files.isEmpty else { throw ProtobufError("no file is described there") }
    try add(files: files)
  }

  /// Adds the types of `FileDescriptorProto`s.
  public mutating func add(files: [[UInt8]]) throws(ProtobufError) {
    for file in files { try addFile(file[...]) }
  }

  private mutating func addFile(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) {
    let fields = try WireField.fields(bytes)
    let package = fields.last { $0.number == 2 }?.text ?? ""
    // Numbers are packed by default in proto3 and the editions, not in proto2.
    let syntax = fields.last { $0.number == 12 }?.text ?? "proto2"
    let isPackedByDefault = syntax != "proto2"
    for field in fields {
      guard case .bytes(let content) = field.value else { continue }
      switch field.number {
      case 4:
        try addMessage(content, in: package, isPackedByDefault: isPackedByDefault, depth: 0)
      case 5: try addEnum(content, in: package)
      default: break
      }
    }
  }

  private mutating func addMessage(
    _ bytes: ArraySlice<UInt8>, in scope: String, isPackedByDefault: Bool, depth: Int
  ) throws(ProtobufError) {
    guard depth < ProtobufError.depthMax else { throw .tooDeep }
    let fields = try WireField.fields(bytes)
    let name = qualified(fields.last { $0.number == 1 }?.text ?? "", in: scope)
    var message = MessageType(name: name)
    for field in fields {
      guard case .bytes(let content) = field.value else { continue }
      switch field.number {
      case 2:
        if let field = try fieldType(content, isPackedByDefault: isPackedByDefault) {
          message.fields.append(field)
        }
      case 3:
        try addMessage(content, in: name, isPackedByDefault: isPackedByDefault, depth: depth + 1)
      case 4: try addEnum(content, in: name)
      case 7: message.isMapEntry = try WireField.fields(content).contains { $0.isTrue(7) }
      default: break
      }
    }
    messages[name] = message
  }

  /// Nil for a group, which proto3 no longer has.
  private func fieldType(
    _ bytes: ArraySlice<UInt8>, isPackedByDefault: Bool
  ) throws(ProtobufError) -> FieldType? {
    var type = FieldType()
    var isPacked: Bool?
    for field in try WireField.fields(bytes) {
      switch (field.number, field.value) {
      case (1, _): type.name = field.text
      case (3, .varint(let number)): type.number = Int(clamping: number)
      case (4, .varint(let label)):
        type.isRepeated = label == 3
        type.isRequired = label == 2
      case (5, .varint(let kind)):
        guard let kind = FieldType.Kind(rawValue: kind) else { return nil }
        type.kind = kind
      case (6, _): type.typeName = String(field.text.drop { $0 == "." })
      case (8, .bytes(let options)):
        for option in try WireField.fields(options) where option.number == 2 {
          isPacked = option.isTrue(2)
        }
      // A member of a oneof; `optional` makes one of a single field.
      case (9, _): type.hasPresence = true
      case (10, _): type.jsonName = field.text
      default: break
      }
    }
    guard (1..<1 << 29).contains(type.number) else {
      throw ProtobufError("the field \(type.name) has no proper number")
    }
    if type.jsonName.isEmpty { type.jsonName = type.name }
    // In proto2 every singular field has presence, and so has every message.
    let isAlwaysPresent = type.kind == .message || !isPackedByDefault
    type.hasPresence = !type.isRepeated && (type.hasPresence || isAlwaysPresent)
    type.isPacked =
      type.isRepeated && type.kind.wireType != .lengthDelimited && isPacked ?? isPackedByDefault
    return type
  }

  private mutating func addEnum(_ bytes: ArraySlice<UInt8>, in scope: String) throws(ProtobufError)
  {
    var type = EnumType(name: "")
    for field in try WireField.fields(bytes) {
      switch (field.number, field.value) {
      case (1, _): type.name = qualified(field.text, in: scope)
      case (2, .bytes(let content)):
        let value = try WireField.fields(content)
        var number: Int32 = 0
        for case .varint(let raw) in value.filter({ $0.number == 2 }).map(\.value) {
          number = Int32(truncatingIfNeeded: raw)
        }
        type.values.append((name: value.last { $0.number == 1 }?.text ?? "", number: number))
      default: break
      }
    }
    enums[type.name] = type
  }

  private func qualified(_ name: String, in scope: String) -> String {
    scope.isEmpty ? name : "\(scope).\(name)"
  }
}

extension WireField {
  /// The value as text; empty if it is not text.
  fileprivate var text: String {
    guard case .bytes(let content) = value else { return "" }
    return String(decoding: content, as: UTF8.self)
  }

  fileprivate func isTrue(_ number: Int) -> Bool {
    guard self.number == number, case .varint(let flag) = value else { return false }
    return flag != 0
  }
}
