import ProtobufFields
import Testing

/// The wire form as protobuf.dev/programming-guides/encoding has it.
@Suite struct FieldTests {
  private struct Malformed: MalformedMessage, Equatable {
    let reason: String
    init(malformed reason: String) { self.reason = reason }
  }

  private typealias Reader = FieldReader<Malformed>

  private struct Field: Equatable {
    var number: UInt32
    var type: WireType
    var value: UInt64 = 0
    var content: [UInt8] = []
  }

  private func fields(_ bytes: [UInt8]) throws(Malformed) -> [Field] {
    try bytes.withUnsafeBufferPointer { (view) throws(Malformed) in
      var reader = Reader(view)
      var fields: [Field] = []
      while let field = try reader.next() {
        let content = field.type == .lengthDelimited ? Array(view.part(field.content)) : []
        fields.append(
          Field(number: field.number, type: field.type, value: field.value, content: content))
      }
      return fields
    }
  }

  private func reason(_ bytes: [UInt8]) -> String? {
    do throws(Malformed) {
      _ = try fields(bytes)
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func everyWireTypeIsReadAsItWasWritten() throws {
    var writer = FieldWriter()
    writer.number(1, 150)
    writer.text(2, "testing")
    writer.tag(3, .fixed32)
    writer.packed(0x0102_0304, .fixed32)
    writer.tag(4, .fixed64)
    writer.packed(.max, .fixed64)
    writer.data(536_870_911, [1, 2])
    #expect(Array(writer.bytes.prefix(3)) == [0x08, 0x96, 0x01])
    #expect(Array(writer.bytes[3..<12]) == [0x12, 0x07] + Array("testing".utf8))
    #expect(
      try fields(writer.bytes) == [
        Field(number: 1, type: .varint, value: 150),
        Field(number: 2, type: .lengthDelimited, content: Array("testing".utf8)),
        Field(number: 3, type: .fixed32, value: 0x0102_0304),
        Field(number: 4, type: .fixed64, value: .max),
        Field(number: 536_870_911, type: .lengthDelimited, content: [1, 2]),
      ])
  }

  @Test func whatProto3LeavesOutIsNotWritten() {
    var writer = FieldWriter()
    writer.number(1, 0)
    writer.text(2, "")
    writer.data(3, [])
    #expect(writer.bytes.isEmpty)
    writer.numberEvenIfZero(1, 0)
    writer.field(3, [])
    #expect(writer.bytes == [0x08, 0x00, 0x1A, 0x00])
  }

  @Test(arguments: [0, 1, 127, 128, 16383, 16384], [0, 1, 127, 128, 16383, 16384, 1 << 40])
  func nestedMessageIsTheFieldThatItsBytesAre(_ byteCount: Int, guess: Int) {
    let content = [UInt8](repeating: 7, count: byteCount)
    var (nested, plain) = (FieldWriter(), FieldWriter())
    nested.number(1, 9)
    nested.message(2, guess: guess) { $0.fields(content) }
    nested.number(3, 9)
    plain.number(1, 9)
    plain.field(2, content)
    plain.number(3, 9)
    #expect(nested.bytes == plain.bytes)
  }

  @Test(arguments: [0, 1, 127, 128, 16383, 16384, UInt64(UInt32.max), .max])
  func sizesAreThoseThatAreWritten(_ value: UInt64) {
    for number: UInt32 in [1, 15, 16, 2047, 2048, 536_870_911] {
      var writer = FieldWriter()
      writer.number(number, value)
      #expect(writer.bytes.count == FieldWriter.numberByteCount(number, value))
      let content = [UInt8](repeating: 7, count: Int(value % 20_000))
      writer = FieldWriter()
      writer.field(number, content)
      #expect(
        writer.bytes.count == FieldWriter.fieldByteCount(number, content: content.count))
    }
  }

  @Test(arguments: [0, 1, 127, 128, 300, 1 << 63, .max] as [UInt64])
  func numbersOfEverySizeComeBack(_ value: UInt64) throws {
    var writer = FieldWriter()
    writer.numberEvenIfZero(9, value)
    #expect(try fields(writer.bytes) == [Field(number: 9, type: .varint, value: value)])
  }

  @Test func packedNumbersAreReadOneByOne() throws {
    var writer = FieldWriter()
    for value: UInt64 in [3, 270, 86942] { writer.packed(value) }
    #expect(writer.bytes == [0x03, 0x8E, 0x02, 0x9E, 0xA7, 0x05])
    #expect(try packed(writer.bytes, .varint) == [3, 270, 86942])
    #expect(try packed([1, 0, 0, 0, 2, 0, 0, 0], .fixed32) == [1, 2])
    #expect(throws: Malformed(malformed: "is cut short: 4 bytes announced, 1 there")) {
      try packed([1, 0, 0, 0, 2], .fixed32)
    }
  }

  private func packed(_ bytes: [UInt8], _ type: WireType) throws(Malformed) -> [UInt64] {
    try bytes.withUnsafeBufferPointer { (view) throws(Malformed) in
      var reader = Reader(view)
      var numbers: [UInt64] = []
      while let number = try reader.packedNumber(type) { numbers.append(number) }
      return numbers
    }
  }

  @Test func bytesThatAreNoMessageSayWhy() {
    #expect(reason([0x80]) == "is cut short inside a field's tag")
    #expect(reason([0x08]) == "is cut short inside a number")
    #expect(reason([0x0A, 0x05, 1]) == "is cut short: 5 bytes announced, 1 there")
    #expect(reason([0x0D, 1, 2]) == "is cut short: 4 bytes announced, 2 there")
    #expect(reason([0x0B]) == "has wire type 3, which is not supported, at byte 0")
    #expect(reason([0x08, 1, 0x00]) == "has a field number that does not exist, at byte 2")
    let long = [UInt8](repeating: 0x80, count: 10)
    #expect(reason([0x08] + long + [1]) == "has a number of more than 10 bytes, at byte 1")
    #expect(
      reason([0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01])
        == "is cut short: \(UInt64.max) bytes announced, 0 there")
  }

  @Test func theFirstContentOfANumberIsFound() {
    var writer = FieldWriter()
    writer.number(1, 5)
    writer.text(2, "first")
    writer.text(2, "second")
    writer.bytes.withUnsafeBufferPointer { view in
      #expect(Reader.content(of: 2, in: view).map { Array($0) } == Array("first".utf8))
      #expect(Reader.content(of: 1, in: view) == nil)
      #expect(Reader.content(of: 3, in: view) == nil)
    }
  }

  @Test func whatIsWrittenBehindBytesLeavesThemAsTheyAre() {
    var bytes: [UInt8] = [0x08, 1]
    FieldWriter.append(to: &bytes) { $0.number(2, 3) }
    #expect(bytes == [0x08, 1, 0x10, 3])
  }
}
