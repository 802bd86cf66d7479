import Avro
import JSON
import Testing

@Suite struct DatumTests {
  /// Type, JSON, and the bytes of field `x`, as the specification encodes them.
  private static let cases: [(type: String, json: String, bytes: [UInt8])] = [
    (#""null""#, "null", []), (#""boolean""#, "true", [1]),
    (#""int""#, "-2147483648", [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]), (#""int""#, "64", [0x80, 1]),
    (#""long""#, "9223372036854775807", [0xFE] + [UInt8](repeating: 0xFF, count: 8) + [1]),
    (#""float""#, "1.5", [0, 0, 0xC0, 0x3F]), (#""float""#, #""NaN""#, [0, 0, 0xC0, 0x7F]),
    (#""double""#, "-2.0", [0, 0, 0, 0, 0, 0, 0, 0xC0]),
    (#""string""#, #""foo""#, [6, 0x66, 0x6F, 0x6F]),
    (#""bytes""#, #""\u0000ÿ""#, [4, 0, 0xFF]),
    (#"{"type":"array","items":"long"}"#, "[3,27]", [4, 6, 0x36, 0]),
    (#"{"type":"map","values":"int"}"#, #"{"a":1}"#, [2, 2, 0x61, 2, 0]),
    (#"{"type":"enum","name":"E","symbols":["A","B"]}"#, #""B""#, [2]),
    (#"{"type":"fixed","name":"F","size":2}"#, #""ab""#, [0x61, 0x62]),
    (#"["null","string"]"#, #""a""#, [2, 2, 0x61]), (#"["null","string"]"#, "null", [0]),
    (#"["string","bytes"]"#, #"{"bytes":"a"}"#, [2, 2, 0x61]),
  ]

  @Test(arguments: cases) func jsonAndBytesAreEachOther(
    _ type: String, _ text: String, _ bytes: [UInt8]
  ) throws {
    let schema = try wrapping(type)
    let value = try json("{\"x\":\(text)}")
    #expect(try schema.datum(value, as: "t.R") == bytes)
    #expect(try schema.json(bytes, as: "t.R").text == value.text)
    try schema.check(bytes, as: "t.R")
  }

  @Test(
    arguments: [
      (#""long""#, #"{"x":"1"}"#, #"x: expected long, got string "1""#),
      (#""int""#, #"{"x":2147483648}"#, "x: expected int, got 2147483648"),
      (#""long""#, #"{"x":1.5}"#, "x: expected long, got 1.5"),
      (#""long""#, #"{"x":1,"y":2}"#, "y: t.R has no such field; it has x"),
      (#""long""#, "{}", "x: the field is missing"),
      (#"["null","long"]"#, #"{"x":"a"}"#, #"x: expected long, got string "a""#),
      (#"["long","double"]"#, #"{"x":1}"#, #"write {"long": …} or {"double": …}"#),
      (#"{"type":"array","items":"int"}"#, #"{"x":[1,null]}"#, "x[1]: expected int, got null"),
      (#"{"type":"map","values":"int"}"#, #"{"x":{"k":"v"}}"#, #"x["k"]: expected int"#),
      (#"{"type":"enum","name":"E","symbols":["A"]}"#, #"{"x":"B"}"#, "x: t.E has no"),
      (#""bytes""#, #"{"x":"€"}"#, "x: expected bytes"),
    ])
  func jsonThatDoesNotFitIsRefusedByItsPath(
    _ type: String, _ text: String, _ expected: String
  ) throws {
    let schema = try wrapping(type)
    let message = try #require(message { _ = try schema.datum(json(text), as: "t.R") })
    #expect(message.contains(expected))
  }

  @Test(
    arguments: [
      (#""long""#, [0x80], "x: the datum is cut off"),
      (#""long""#, [UInt8](repeating: 0xFF, count: 11), "x: a number has more than 64 bits"),
      (#""int""#, [0x80, 0x80, 0x80, 0x80, 0x10], "x: expected int, got 2147483648"),
      (#""string""#, [0x02, 0xFF], "x: expected string, got bytes that are not UTF-8"),
      (#""string""#, [0x01], "x: a length of -1"), (#""bytes""#, [0x10, 1], "x: a length of 8"),
      (#""boolean""#, [2], "x: expected boolean"),
      (#"["null","int"]"#, [4], "x: there is no branch"),
      (#""int""#, [0, 0], "1 bytes follow the datum"),
      (
        #"{"type":"array","items":"int"}"#, [3, 2, 0, 0, 0], "x: a block does not end where it says"
      ),
      (
        // 2^62 items that take no bytes.
        #"{"type":"array","items":"null"}"#,
        [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1], "a datum may hold 1048576 values"
      ),
    ] as [(String, [UInt8], String)])
  func bytesThatAreNoDatumAreRefusedByTheirPath(
    _ type: String, _ bytes: [UInt8], _ expected: String
  ) throws {
    let schema = try wrapping(type)
    let checked = try #require(message { try schema.check(bytes, as: "t.R") })
    let shown = try #require(message { _ = try schema.json(bytes, as: "t.R") })
    #expect(checked.contains(expected))
    #expect(shown == checked)
  }

  @Test func blocksWithTheirSizeAreRead() throws {
    let schema = try wrapping(#"{"type":"array","items":"int"}"#)
    #expect(try schema.json([3, 4, 2, 4, 2, 6, 0], as: "t.R").text == #"{"x":[1,2,3]}"#)
  }

  @Test func recursionIsBounded() throws {
    let endless = try schema(#"{"type":"record","name":"L","fields":[{"name":"n","type":"L"}]}"#)
    #expect(message { try endless.check([], as: "L") }?.contains("deeper than 100") == true)
    let list = try schema(
      #"{"type":"record","name":"L","fields":[{"name":"n","type":["null","L"]}]}"#)
    #expect(
      message { try list.check([UInt8](repeating: 2, count: 200) + [0], as: "L") }?
        .contains("deeper than 100") == true)
  }

  @Test func whatIsLeftOutGetsItsDefault() throws {
    let schema = try wrapping(#"["null","long"]"#, fallback: "null")
    #expect(try schema.datum([:], as: "t.R") == [0])
  }

  /// A value that looks like the name of a branch is shown with one around it.
  @Test func unionsSurviveBothWays() throws {
    let schema = try wrapping(
      #"["null",{"type":"map","values":"int"},{"type":"record","name":"t.S","fields":[]}]"#)
    for text in [#"{"x":{"map":{"map":1}}}"#, #"{"x":{"map":{}}}"#, #"{"x":{"t.S":{}}}"#] {
      let bytes = try schema.datum(json(text), as: "t.R")
      #expect(try schema.datum(schema.json(bytes, as: "t.R"), as: "t.R") == bytes)
    }
  }

  @Test func singleObjectsHaveTheirMarkAndFingerprint() throws {
    let object = SingleObject(AvroFingerprint(0x0102_0304_0506_0708), [9])
    #expect(object.bytes == [0xC3, 1, 8, 7, 6, 5, 4, 3, 2, 1, 9])
    #expect(try SingleObject(bytes: object.bytes) == object)
    #expect(throws: AvroError.self) { try SingleObject(bytes: [0xC3, 1, 0]) }
    #expect(throws: AvroError.self) { try SingleObject(bytes: [1]) }
  }
}
