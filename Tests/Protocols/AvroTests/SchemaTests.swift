import Avro
import Testing

@Suite struct SchemaTests {
  @Test func namesAreFullWithinTheirNamespace() throws {
    let schema = try schema(
      """
      [{"type":"record","name":"Money","namespace":"savings","fields":[{"name":"amount","type":"long"}]},
       {"type":"record","name":"savings.Deposited","fields":[{"name":"money","type":"Money"}]}]
      """)
    #expect(schema.payloads == ["savings.Money", "savings.Deposited"])
    #expect(schema.payload(named: "Deposited") == "savings.Deposited")
    #expect(schema.payload(named: "Withdrawn") == nil)
  }

  @Test func recordsWithinARecordArePayloads() throws {
    let schema = try wrapping(#"{"type":"record","name":"Inner","fields":[]}"#)
    #expect(schema.payloads == ["t.R", "t.Inner"])
  }

  /// The fingerprints that the specification's test data give for primitive types.
  @Test(
    arguments: [
      (#""null""#, 0x63DD_24E7_CC25_8F8A), (#""boolean""#, 0x9F42_FC78_A4D4_F764),
      (#""int""#, 0x7275_D51A_3F39_5C8F), (#""long""#, 0xD054_E144_93F4_1DB7),
      (#""float""#, 0x4D7C_02CB_3EA8_D790), (#""double""#, 0x8E75_35C0_32AB_957E),
      (#""bytes""#, 0x4FC0_16DA_C320_1965), (#""string""#, 0x8F01_4872_6345_03C7),
    ] as [(String, UInt64)])
  func fingerprintsAreThoseOfTheSpecification(_ text: String, _ value: UInt64) {
    #expect(AvroFingerprint(of: text.utf8).rawValue == value)
  }

  @Test func canonicalFormLeavesOutWhatDoesNotChangeBytes() throws {
    let schema = try schema(
      """
      {"namespace":"a","doc":"x","fields":[{"default":null,"type":["null",{"type":"long"}],"name":"x"},
       {"name":"next","type":["null","B"]},{"name":"e","type":{"symbols":["U","V"],"type":"enum","name":"E"}},
       {"name":"f","type":{"size":3,"type":"fixed","name":"b.F"}},
       {"name":"m","type":{"values":{"items":"int","type":"array"},"type":"map"}}],
       "name":"B","type":"record"}
      """)
    #expect(
      try schema.canonicalForm(of: "a.B")
        == #"{"name":"a.B","type":"record","fields":[{"name":"x","type":["null","long"]},"#
        + #"{"name":"next","type":["null","a.B"]},"#
        + #"{"name":"e","type":{"name":"a.E","type":"enum","symbols":["U","V"]}},"#
        + #"{"name":"f","type":{"name":"b.F","type":"fixed","size":3}},"#
        + #"{"name":"m","type":{"type":"map","values":{"type":"array","items":"int"}}}]}"#)
  }

  @Test(
    arguments: [
      ("{", "not valid JSON, line 1"), (#""int""#, "no record"),
      (#"{"type":"record","name":"t.R"}"#, #"t.R: "fields""#),
      (#"{"type":"record","name":"1R","fields":[]}"#, "is not a name"),
      (
        #"{"type":"record","name":"t.R","fields":[{"name":"x","type":"Money"}]}"#,
        "t.R.x: there is no type t.Money"
      ),
      (
        #"{"type":"record","name":"t.R","fields":[{"name":"x","type":"int","default":"a"}]}"#,
        #"t.R.x.default: expected int, got string "a""#
      ),
      (
        #"[{"type":"fixed","name":"F","size":1},{"type":"fixed","name":"F","size":1}]"#,
        "[1].F: the name is defined a second time"
      ),
      (#"["int","int"]"#, "[1]: the union has this type already"),
      (#"[["int"]]"#, "[0]: a union cannot stand in a union"),
      (#"{"type":"enum","name":"E","symbols":["a","a"]}"#, "E: symbols are names, each once"),
      (#"{"type":"fixed","name":"F","size":-1}"#, "F: \"size\""),
    ])
  func whatIsNoSchemaIsRefusedByItsPlace(_ text: String, _ expected: String) throws {
    let message = try #require(message { _ = try schema(text) })
    #expect(message.contains(expected))
  }

  @Test func recordsAndEnumsAreBounded() throws {
    let fields = (0...1000).map { #"{"name":"f\#($0)","type":"int"}"# }.joined(separator: ",")
    let record = #"{"type":"record","name":"R","fields":[\#(fields)]}"#
    #expect(message { _ = try schema(record) } == "R: a record may have 1000 fields, got 1001")
    let symbols = (0...1000).map { "\"s\($0)\"" }.joined(separator: ",")
    let enumeration = #"{"type":"enum","name":"E","symbols":[\#(symbols)]}"#
    #expect(message { _ = try schema(enumeration) } == "E: an enum may have 1000 symbols, got 1001")
  }

  /// Two defaults in each level would be 2^40 values.
  @Test func defaultsThatGrowInEachOtherAreRefused() throws {
    let levels = (0..<40).reversed().map { level in
      let type = level == 39 ? #""int""# : #""T\#(level + 1)""#
      let fallback = level == 39 ? "0" : "{}"
      let fields = ["a", "b"].map { #"{"name":"\#($0)","type":\#(type),"default":\#(fallback)}"# }
      return #"{"type":"record","name":"T\#(level)","fields":[\#(fields.joined(separator: ","))]}"#
    }
    let message = try #require(message { _ = try schema("[\(levels.joined(separator: ","))]") })
    #expect(message.contains("1048576 values"))
  }
}
