import EventModel
import Testing

@testable import EventSourcing

/// Stored data depends on this form: it never changes.
@Suite struct RecordValueTests {
  @Test func contentIsTheValueOfAnAny() {
    #expect(RecordValue.value(of: [1, 2, 3]) == [0x12, 3, 1, 2, 3])
    let long = Bytes(repeating: 7, count: 300)
    #expect(RecordValue.value(of: long) == [0x12, 0xAC, 0x02] + long)
    #expect(RecordValue.value(of: []) == [])
  }

  @Test(arguments: [0, 1, 127, 128, 20_000]) func contentComesBack(_ count: Int) {
    let content = Bytes(repeating: 7, count: count)
    #expect(RecordValue.content(of: RecordValue.value(of: content)) == content)
  }

  @Test(
    arguments: [
      [0x0A, 1, 7], [0x12], [0x12, 2, 7], [0x12, 1, 7, 7], [0x12, 0x80], [0x10, 1],
    ] as [Bytes])
  func otherValueHasNoContent(_ value: Bytes) {
    #expect(RecordValue.content(of: value) == nil)
  }

  @Test func numbersAreBigEndian() {
    #expect(
      RecordValue.bytes(of: [1, 0x0203]) == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 3])
    #expect(RecordValue.numbers(in: RecordValue.bytes(of: [0, 7, .max])) == [0, 7, .max])
    #expect(RecordValue.numbers(in: [0, 0, 1]) == [])
  }
}
