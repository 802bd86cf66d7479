import Encodings
import JSON
import ProtobufJSON
import Testing

/// What the mapping makes of each kind of field, checked against Python's `json_format`.
@Suite struct MappingTests {
  static let cases: [(json: String, wire: String)] = [
    (
      #"{"doubleValue":-1.5e+300,"floatValue":0.25,"int32Value":-7,"int64Value":"-9223372036854775808","uint32Value":4294967295,"uint64Value":"18446744073709551615"}"#,
      "CTVYAGYt60H+FQAAgD4Y+f//////////ASCAgICAgICAgIABKP////8PMP///////////wE="
    ),
    (
      #"{"sint32Value":-2147483648,"sint64Value":"-9223372036854775808","fixed32Value":4294967295,"fixed64Value":"18446744073709551615","sfixed32Value":-5,"sfixed64Value":"-6"}"#,
      "OP////8PQP///////////wFN/////1H//////////137////Yfr/////////"
    ),
    (
      #"{"boolValue":true,"stringValue":"ä\"😀","bytesValue":"AP/+","color":"RED","inner":{"text":"t","again":{"int32Value":1}}}"#,
      "aAFyB8OkIvCfmIB6AwD//oABAYoBBwoBdBICGAE="
    ),
    (
      #"{"color":"INFRARED"}"#,
      "gAH///////////8B"
    ),
    (
      #"{"color":7}"#,
      "gAEH"
    ),
    (
      #"{"packed":[1,-1,300],"unpacked":["1","-1","-9223372036854775808"],"names":["a","","c"]}"#,
      "kgENAf///////////wGsApgBApgBAZgB////////////AaIBAWGiAQCiAQFj"
    ),
    (
      #"{"byName":{"x":{"text":"y"}}}"#,
      "qgEICgF4EgMKAXk="
    ),
    (
      #"{"byNumber":{"-5":"five"}}"#,
      "sgERCPv//////////wESBGZpdmU="
    ),
    (
      #"{"byFlag":{"true":"RED"}}"#,
      "ugEECAEQAQ=="
    ),
    (
      #"{"first":""}"#,
      "wgEA"
    ),
    (
      #"{"second":{}}"#,
      "ygEA"
    ),
    (
      #"{"maybe":0}"#,
      "+AEA"
    ),
    (
      #"{"peculiar":"p"}"#,
      "ggIBcA=="
    ),
    (
      #"{"at":"2026-03-01T09:41:07.042Z"}"#,
      "0gELCLOTkM0GEIC9gxQ="
    ),
    (
      #"{"at":"0001-01-01T00:00:00Z"}"#,
      "0gELCICSuMOY/v///wE="
    ),
    (
      #"{"took":"1.500s"}"#,
      "2gEICAEQgMq17gE="
    ),
    (
      #"{"took":"-0.000000001s"}"#,
      "2gELEP///////////wE="
    ),
    (
      #"{"took":"-3s"}"#,
      "2gELCP3//////////wE="
    ),
    (
      #"{"note":"n"}"#,
      "6gEDCgFu"
    ),
    (
      #"{"count":"18446744073709551615"}"#,
      "8gELCP///////////wE="
    ),
    (
      #"{"detail":{"@type":"type.googleapis.com/sample.Everything.Inner","text":"t"}}"#,
      "4gEyCit0eXBlLmdvb2dsZWFwaXMuY29tL3NhbXBsZS5FdmVyeXRoaW5nLklubmVyEgMKAXQ="
    ),
    (
      #"{"detail":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1.500s"}}"#,
      "4gE4Cix0eXBlLmdvb2dsZWFwaXMuY29tL2dvb2dsZS5wcm90b2J1Zi5EdXJhdGlvbhIICAEQgMq17gE="
    ),
    (
      #"{"doubleValue":"NaN"}"#,
      "CQAAAAAAAPh/"
    ),
    (
      #"{"doubleValue":"-Infinity","floatValue":"Infinity"}"#,
      "CQAAAAAAAPD/FQAAgH8="
    ),
    (
      #"{}"#,
      ""
    ),
  ]

  @Test(arguments: cases) func jsonBecomesWireForm(json: String, wire: String) throws {
    let value = try JSONValue.parse(Array(json.utf8))
    let bytes = try everySchema().bytes(value, as: "sample.Everything")
    // Fields may come in any order: compare what both mean.
    let expected = try #require(Base64.decode(wire.utf8))
    #expect(bytes.sorted() == expected.sorted())
  }

  @Test(arguments: cases) func wireFormBecomesJSON(json: String, wire: String) throws {
    let bytes = try #require(Base64.decode(wire.utf8))
    let value = try everySchema().json(bytes, as: "sample.Everything")
    #expect(value == (try JSONValue.parse(Array(json.utf8))))
  }

  private func bytes(_ json: String) throws -> [UInt8] {
    try everySchema().bytes(JSONValue.parse(Array(json.utf8)), as: "sample.Everything")
  }

  private func error(_ json: String) -> String? {
    #expect(throws: ProtobufError.self) { try bytes(json) }?.description
  }

  @Test func fieldsGoByTheirOwnNamesToo() throws {
    #expect(try bytes(#"{"int32_value": 5}"#) == bytes(#"{"int32Value": 5}"#))
    #expect(try bytes(#"{"odd_name": "p"}"#) == bytes(#"{"peculiar": "p"}"#))
  }

  @Test func numbersMayBeStringsAndStringsNumbers() throws {
    #expect(try bytes(#"{"int32Value": "5"}"#) == bytes(#"{"int32Value": 5}"#))
    #expect(try bytes(#"{"int64Value": 5}"#) == bytes(#"{"int64Value": "5"}"#))
    #expect(try bytes(#"{"int32Value": 5.0}"#) == bytes(#"{"int32Value": 5}"#))
    #expect(try bytes(#"{"color": 1}"#) == bytes(#"{"color": "RED"}"#))
  }

  /// Where others leave a zero out, it is written: its reader cannot tell.
  @Test(arguments: [
    (#"{"note":""}"#, "6gEA"), (#"{"count":"0"}"#, "8gEA"), (#"{"byName":{"x":{}}}"#, "qgEDCgF4"),
  ])
  func zeroMeansTheSameWrittenOrNot(json: String, wire: String) throws {
    let schema = try everySchema()
    let value = try JSONValue.parse(Array(json.utf8))
    #expect(try schema.json(bytes(json), as: "sample.Everything") == value)
    #expect(try schema.json(Base64.decode(wire.utf8) ?? [], as: "sample.Everything") == value)
  }

  @Test func nullIsAbsence() throws {
    #expect(try bytes(#"{"int32Value": null, "inner": null, "names": null}"#).isEmpty)
  }

  @Test func mistakeIsReportedWithItsPath() {
    #expect(
      error(#"{"int32Value": 2147483648}"#)?.hasPrefix("int32Value: 2147483648 is here") == true)
    #expect(
      error(#"{"inner": {"again": {"boolValue": 1}}}"#)?.hasPrefix("inner.again.boolValue: ")
        == true)
    #expect(error(#"{"color": "GREEN"}"#)?.contains("it has BLACK, RED, INFRARED") == true)
    #expect(error(#"{"inner": {"txt": ""}}"#)?.contains("it has text, again") == true)
    #expect(error(#"{"int32Value": 1, "int32_value": 1}"#) != nil)
    #expect(error(#"{"bytesValue": "*"}"#) != nil)
    #expect(error(#"{"at": "yesterday"}"#) != nil)
    #expect(error(#"{"detail": {"@type": "x/unknown.Type"}}"#) != nil)
    #expect(error("[]") != nil)
  }

  @Test func packedAndSingleNumbersAreBothRead() throws {
    let schema = try everySchema()
    let single: [UInt8] = [0x90, 0x01, 1, 0x90, 0x01, 2]
    let packed: [UInt8] = [0x92, 0x01, 2, 1, 2]
    #expect(try schema.json(single, as: "sample.Everything") == ["packed": [1, 2]])
    #expect(try schema.json(packed, as: "sample.Everything") == ["packed": [1, 2]])
  }

  @Test func partsOfAMessageAreJoined() throws {
    let inner: [UInt8] = [0x8A, 0x01, 3, 0x0A, 1, 0x61]
    #expect(
      try everySchema().json(inner + inner, as: "sample.Everything") == ["inner": ["text": "a"]])
  }

  @Test func unknownFieldsAreLeftOut() throws {
    #expect(try everySchema().json([0xB8, 0x3E, 1], as: "sample.Everything") == [:])
  }

  @Test func contentOfAnUnknownTypeIsShownAsItIs() throws {
    var wire: [UInt8] = [0xE2, 0x01, 7, 0x0A, 3]
    wire += Array("a/b".utf8) + [0x12, 0]
    #expect(
      try everySchema().json(wire, as: "sample.Everything")
        == ["detail": ["@type": "a/b", "value": ""]])
  }
}
