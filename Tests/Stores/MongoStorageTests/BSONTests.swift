import Contracts
import EventModel
import Testing

@testable import MongoStorage

@Suite struct BSONTests {
  private let sample: BSONDocument = [
    "text": "é", "empty": "", "number": 5, "small": .int32(-1), "real": .double(1.5),
    "flag": true, "nothing": .null, "date": .date(-1), "binary": .binary([1, 2]),
    "list": ["a", ["b": 1]], "id": .uuid(Root([UInt8](1...16)) ?? .random()),
  ]

  /// Source: the examples of bsonspec.org.
  @Test func bytesAreAsTheStandardHasThem() {
    let document: BSONDocument = ["hello": "world"]
    #expect(
      document.bytes
        == Array("\u{16}\0\0\0\u{2}hello\0\u{6}\0\0\0world\0\0".utf8))
  }

  @Test func whatWasWrittenIsRead() {
    for (name, value) in zip(sample.names, sample.values) { #expect(sample[name] == value) }
    #expect(sample.names.count == 11)
    #expect(sample.values.count == 11)
    #expect(sample["list"]?.document?.values == ["a", ["b": 1]])
    #expect(sample["missing"] == nil)
  }

  @Test func damagedBytesNeverTrap() {
    for index in sample.bytes.indices {
      for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
        var bytes = sample.bytes
        bytes[index] = value
        let damaged = BSONDocument(bytes)
        #expect(damaged.values.count <= sample.bytes.count)
        for name in damaged.names { _ = damaged[name] }
      }
      let short = BSONDocument(sample.bytes.prefix(index))
      #expect(short.values.count <= 11)
    }
  }

  @Test func libbsonTakesWhatWasBuilt() {
    let copy = sample.withHandle { BSONDocument(copying: $0) }
    #expect(copy == sample)
  }
}
