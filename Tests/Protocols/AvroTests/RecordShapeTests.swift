import Avro
import JSON
import Testing

/// What JSON the fields of a record take.
@Suite struct RecordShapeTests {
  private func schema(_ fields: String) throws -> AvroSchema {
    try AvroSchema(
      parsing: Array(#"{"type": "record", "name": "a.R", "fields": [\#(fields)]}"#.utf8))
  }

  @Test(
    arguments: [
      (#""boolean""#, .boolean), (#""int""#, .integer(-(1 << 31)...(1 << 31) - 1)),
      (#""long""#, .integer(-(1 << 63)...(1 << 63) - 1)), (#""float""#, .floating),
      (#""string""#, .string), (#""bytes""#, .bytes(.latin, count: nil)),
      (#"{"type": "fixed", "name": "F", "size": 4}"#, .bytes(.latin, count: 4)),
      (#"{"type": "enum", "name": "E", "symbols": ["A", "B"]}"#, .enumeration(["A", "B"])),
      (#"{"type": "array", "items": "string"}"#, .list(.string)),
      (#"{"type": "map", "values": "string"}"#, .map(.string)),
      (#"["null", "a.R"]"#, .optional(.record("a.R"))), (#"["string"]"#, .string),
      (#"["string", "null"]"#, .optional(.string)),
      (#"["null", "int", "string"]"#, .other("one of null, int, string")),
    ] as [(String, JSONShape)])
  func fieldHasItsShape(type: String, shape: JSONShape) throws {
    let fields = try schema(#"{"name": "f", "type": \#(type)}"#).fields(of: "a.R")
    #expect(fields == [JSONField("f", shape, isRequired: true)])
  }

  @Test func fieldWithADefaultIsNotRequired() throws {
    let schema = try schema(#"{"name": "f", "type": "string", "default": ""}"#)
    #expect(schema.fields(of: "a.R")?.map(\.isRequired) == [false])
    #expect(schema.fields(of: "a.S") == nil)
  }
}
