import Encodings
import JSON
import ProtobufJSON
import Testing

/// The types of google.protobuf without any descriptors, checked against Python's `json_format`.
@Suite struct WellKnownTests {
  static let cases: [(type: String, json: String, wire: String)] = [
    ("StringValue", #""bread""#, "CgVicmVhZA=="),
    ("UInt64Value", #""18446744073709551615""#, "CP///////////wE="),
    ("BytesValue", #""AP/+""#, "CgMA//4="),
    ("Timestamp", #""2026-03-01T09:41:07.042Z""#, "CLOTkM0GEIC9gxQ="),
    ("Duration", #""1.500s""#, "CAEQgMq17gE="),
    ("Empty", "{}", ""),
    (
      "Struct", #"{"a":1.5,"b":[null,true,"x",{"c":[]}],"d":{}}"#,
      "Cg4KAWESCREAAAAAAAD4PwohCgFiEhwyGgoCCAAKAiABCgMaAXgKCyoJCgcKAWMSAjIACgcKAWQSAioA"
    ),
    ("Struct", "{}", ""),
    ("Value", "null", "CAA="),
    ("Value", #"[1.5,"x"]"#, "MhAKCREAAAAAAAD4PwoDGgF4"),
    ("Value", #""t""#, "GgF0"),
    ("Value", "2.25", "EQAAAAAAAAJA"),
    ("Value", "false", "IAA="),
    ("ListValue", "[false,null]", "CgIgAAoCCAA="),
    ("FieldMask", #""userName,a.bC""#, "Cgl1c2VyX25hbWUKBWEuYl9j"),
  ]

  @Test(arguments: cases)
  func everyTypeIsBuiltInAndGoesBothWays(type: String, json: String, wire: String) throws {
    let name = "google.protobuf.\(type)"
    let value = try JSONValue.parse(Array(json.utf8))
    let bytes = try #require(Base64.decode(wire.utf8))
    #expect(Schema.wellKnown.describes(name))
    #expect(try Schema.wellKnown.bytes(value, as: name) == bytes)
    #expect(try Schema.wellKnown.json(bytes, as: name) == value)
  }

  @Test func anyHoldsThem() throws {
    let json: JSONValue = [
      "@type": "type.googleapis.com/google.protobuf.Struct", "value": ["a": [.null, true]],
    ]
    let bytes = try Schema.wellKnown.bytes(json, as: "google.protobuf.Any")
    #expect(try Schema.wellKnown.json(bytes, as: "google.protobuf.Any") == json)
  }

  @Test(arguments: [("Struct", "[]"), ("ListValue", "{}"), ("FieldMask", "1")])
  func otherJSONIsRefused(type: String, json: String) throws {
    let value = try JSONValue.parse(Array(json.utf8))
    #expect(throws: ProtobufError.self) {
      try Schema.wellKnown.bytes(value, as: "google.protobuf.\(type)")
    }
  }

  @Test func nestingIsBounded() throws {
    let deep = String(repeating: "[", count: 90) + String(repeating: "]", count: 90)
    let value = try JSONValue.parse(Array(deep.utf8))
    #expect(throws: ProtobufError.self) {
      try Schema.wellKnown.bytes(value, as: "google.protobuf.Value")
    }
  }

  @Test func descriptorsAreAddedToThem() throws {
    let schema = try everySchema()
    #expect(schema.describes("sample.Everything") && schema.describes("google.protobuf.Struct"))
    #expect(!schema.describes("sample.Everything.ByNameEntry"))
  }
}
