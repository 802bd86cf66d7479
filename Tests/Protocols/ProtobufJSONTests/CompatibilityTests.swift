import ProtobufJSON
import Testing

/// Which descriptors read what others describe. They are written as protoc does, field by field.
@Suite struct CompatibilityTests {
  private func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    [number << 3 | 2, UInt8(content.count)] + content
  }

  /// A field's `FieldDescriptorProto`: its type is one of `FieldDescriptorProto.Type`.
  private func described(
    _ name: String, _ number: UInt8, type: UInt8, isRepeated: Bool = false, of message: String = ""
  ) -> [UInt8] {
    field(1, Array(name.utf8)) + [3 << 3, number, 4 << 3, isRepeated ? 3 : 1, 5 << 3, type]
      + (message.isEmpty ? [] : field(6, Array(message.utf8)))
  }

  /// A file of package `p` with the message `T` of these fields, and an empty message `U`.
  private func schema(_ fields: [UInt8]..., named name: String = "T") throws -> Schema {
    let message = field(1, Array(name.utf8)) + fields.flatMap { field(2, $0) }
    let file =
      field(2, Array("p".utf8)) + field(4, message) + field(4, field(1, Array("U".utf8)))
      + field(12, Array("proto3".utf8))
    return try Schema(descriptorSet: field(1, file))
  }

  private func reasons(_ old: [UInt8], _ new: [UInt8]) throws -> [String] {
    try schema(new).reasonsNotToRead(schema(old)).map(\.description)
  }

  @Test func fieldsComeAndGo() throws {
    #expect(try schema().reasonsNotToRead(schema(described("a", 1, type: 9))).isEmpty)
    #expect(try schema(described("a", 1, type: 9)).reasonsNotToRead(schema()).isEmpty)
  }

  @Test func kindsOfOneFamilyReadEachOther() throws {
    #expect(try reasons(described("a", 1, type: 5), described("b", 1, type: 3)).isEmpty)
    #expect(try reasons(described("a", 1, type: 9), described("b", 1, type: 12)).isEmpty)
  }

  @Test func aNumberKeepsItsMeaning() throws {
    #expect(
      try reasons(described("a", 1, type: 5), described("a", 1, type: 9))
        == ["p.T.a: expected string, got int32; the number 1 has another use"])
    #expect(
      try reasons(described("a", 1, type: 5), described("a", 1, type: 5, isRepeated: true))
        == ["p.T.a: expected many values, got one"])
    #expect(
      try reasons(
        described("a", 1, type: 11, of: ".p.U"), described("a", 1, type: 11, of: ".p.T"))
        == ["p.T.a: expected p.T, got p.U"])
  }

  @Test func aMissingMessageIsAReason() throws {
    #expect(
      try schema(named: "S").reasonsNotToRead(schema()).map(\.description)
        == ["p.T: the message is missing"])
  }
}
