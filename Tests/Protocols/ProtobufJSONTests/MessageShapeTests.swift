import JSON
import ProtobufJSON
import Testing

/// What JSON the fields of a message take.
@Suite struct MessageShapeTests {
  private func field(_ name: String) throws -> JSONField {
    let fields = try #require(try everySchema().fields(of: "sample.Everything"))
    return try #require(fields.first { $0.ownName == name })
  }

  @Test(
    arguments: [
      ("double_value", .floating, false),
      ("int32_value", .integer(-(1 << 31)...(1 << 31) - 1), false),
      ("int64_value", .integer(-(1 << 63)...(1 << 63) - 1), false),
      ("fixed32_value", .integer(0...(1 << 32) - 1), false),
      ("uint64_value", .integer(0...(1 << 64) - 1), false), ("bool_value", .boolean, false),
      ("string_value", .string, false), ("bytes_value", .bytes(.base64, count: nil), false),
      ("color", .enumeration(["BLACK", "RED", "INFRARED"]), false),
      ("inner", .record("sample.Everything.Inner"), true), ("names", .list(.string), false),
      ("by_number", .map(.string), false),
      ("by_name", .map(.record("sample.Everything.Inner")), false), ("first", .string, true),
      ("at", .string, true), ("detail", .other("google.protobuf.Any"), true),
      ("note", .other("google.protobuf.StringValue"), true),
      ("maybe", .integer(-(1 << 31)...(1 << 31) - 1), true),
    ] as [(String, JSONShape, Bool)])
  func fieldHasItsShape(name: String, shape: JSONShape, mayBeAbsent: Bool) throws {
    let field = try field(name)
    #expect(field.shape == shape)
    #expect(field.mayBeAbsent == mayBeAbsent)
    #expect(!field.isRequired)
  }

  @Test func fieldHasTwoNamesAndAZero() throws {
    #expect(try field("odd_name").name == "peculiar")
    #expect(try field("int64_value").name == "int64Value")
    #expect(try field("int64_value").zero == 0)
    #expect(try field("color").zero == "BLACK")
    #expect(try field("names").zero == [])
    #expect(try field("inner").zero == nil)
  }

  @Test func unknownMessageHasNoFields() throws {
    #expect(try everySchema().fields(of: "sample.Nothing") == nil)
  }
}
