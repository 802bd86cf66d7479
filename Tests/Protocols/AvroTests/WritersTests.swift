import Avro
import JSON
import Testing

@Suite struct WritersTests {
  private let older =
    #"{"type": "record", "name": "Noted", "fields": [{"name": "a", "type": "int"}]}"#
  private let newer = """
    {"type": "record", "name": "Noted", "fields": [
      {"name": "a", "type": "long"}, {"name": "b", "type": "string", "default": "none"}]}
    """

  private func schema(_ text: String) throws -> AvroSchema {
    try AvroSchema(parsing: Array(text.utf8))
  }

  @Test func dataAreReadByTheVersionThatWroteThem() throws {
    let (writer, reader) = (try schema(older), try schema(newer))
    var writers = AvroWriters()
    for schema in [writer, reader] { try writers.add(schema) }
    #expect(writers.count == 2)
    let found = try #require(writers[writer.fingerprint(of: "Noted")])
    let json = try found.json([14], as: "Noted", by: reader)
    #expect(json.text == #"{"a":7,"b":"none"}"#)
    try found.check([14], as: "Noted")
    #expect(throws: AvroError.self) { try found.check([14, 0], as: "Noted") }
  }

  @Test func aFingerprintThatNobodyHasIsUnknown() throws {
    var writers = AvroWriters()
    try writers.add(schema(older))
    #expect(try writers[schema(newer).fingerprint(of: "Noted")] == nil)
  }

  @Test func dataThatAreSaidToBeOfAnotherTypeAreRefused() throws {
    let writer = try schema(older)
    var writers = AvroWriters()
    try writers.add(writer)
    let found = try #require(writers[writer.fingerprint(of: "Noted")])
    let error = #expect(throws: AvroError.self) {
      try found.json([14], as: "Opened", by: writer)
    }
    #expect(error?.message == "the fingerprint is that of Noted")
    #expect(throws: AvroError.self) { try found.check([14], as: "Opened") }
  }
}
