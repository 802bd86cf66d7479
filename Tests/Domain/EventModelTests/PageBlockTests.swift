import EventModel
import Testing

@Suite struct PageBlockTests {
  /// Field 4, two bytes of content.
  private let body: Bytes = [0x22, 2, 7, 7]

  private func block(from first: UInt32, count: Int, bodySize: Int = 2) -> PageBlock {
    var block = PageBlock(emptyAt: SequenceNumber(first))
    for _ in 0..<count {
      block.append(
        EventPage(
          sequence: block.next, createdAt: Timestamp(seconds: 1_700_000_000, nanoseconds: 5),
          synchronous: block.next.rawValue % 2 == 1,
          body: [0x22, UInt8(bodySize)] + Bytes(repeating: 7, count: bodySize)))
    }
    return block
  }

  @Test func pagesComeBackAsTheyWereAppended() {
    let pages = block(from: 41, count: 3).pages
    #expect(pages.map(\.sequence) == [41, 42, 43])
    #expect(pages.map(\.synchronous) == [true, false, true])
    #expect(pages.allSatisfy { $0.body == body })
    #expect(pages[0].createdAt == Timestamp(seconds: 1_700_000_000, nanoseconds: 5))
  }

  @Test func timesBeforeTheEpochAndTheEpochItselfSurvive() {
    for time in [Timestamp(seconds: 0), Timestamp(seconds: -5, nanoseconds: 999_999_999)] {
      var block = PageBlock(emptyAt: 0)
      block.append(EventPage(sequence: 0, createdAt: time, body: body))
      #expect(block.pages[0].createdAt == time)
    }
  }

  @Test func fieldsThatThisVersionDoesNotKnowStayInThePage() {
    let unknown: Bytes = [0xFA, 1, 1, 9]  // field 31, length-delimited
    var block = PageBlock(emptyAt: 0)
    block.append(EventPage(sequence: 0, createdAt: Timestamp(seconds: 1), body: body + unknown))
    #expect(block.pages[0].body == body + unknown)
  }

  @Test func joinedBlocksAreTheBlockOfAllPages() {
    var joined = block(from: 0, count: 2)
    joined.append(block(from: 2, count: 3))
    #expect(joined == block(from: 0, count: 5))
  }

  @Test func aBlockComesBackFromItsBytes() {
    let stored = block(from: 7, count: 3)
    #expect(PageBlock(stored: stored.bytes, first: 7, next: 10) == stored)
    #expect(PageBlock(stored: [], first: 7, next: 7) == PageBlock(emptyAt: 7))
  }

  @Test func bytesThatAreNotThosePagesAreRefused() {
    let bytes = block(from: 7, count: 3).bytes
    for (first, next): (SequenceNumber, SequenceNumber) in [
      (6, 9), (7, 9), (7, 11), (8, 10), (8, 11), (10, 7), (7, 7), (0, .init(.max)),
    ] {
      #expect(PageBlock(stored: bytes, first: first, next: next) == nil)
    }
    for count in bytes.indices {
      #expect(PageBlock(stored: Bytes(bytes.prefix(count)), first: 7, next: 10) == nil)
    }
    let first = block(from: 7, count: 1).bytes
    let third = block(from: 9, count: 1).bytes
    #expect(PageBlock(stored: first + third, first: 7, next: 9) == nil)
  }

  @Test func aSliceHoldsExactlyItsPages() {
    let all = block(from: 10, count: 5)
    for lower in 8...17 as ClosedRange<UInt32> {
      for upper in lower...17 {
        let slice = all.slice(from: SequenceNumber(lower), upTo: SequenceNumber(upper))
        let expected = (max(lower, 10)..<max(max(lower, 10), min(upper, 15)))
        #expect(slice.pages.map(\.sequence.rawValue) == expected.map { $0 }.filter { $0 < 15 })
        #expect(slice.count == slice.pages.count)
      }
    }
    #expect(all.slice(from: 12).pages.map(\.sequence) == [12, 13, 14])
  }

  @Test(arguments: [0, 1, 20, 40, 41, 60, 100, 1000])
  func aSplitLosesNoPageAndKeepsToTheSize(size: Int) {
    let all = block(from: 3, count: 9, bodySize: 10)
    let parts = all.split(bySize: size)
    #expect(parts.flatMap(\.pages) == all.pages)
    #expect(parts.allSatisfy { $0.count == 1 || $0.bytes.count <= size })
    #expect(parts.allSatisfy { !$0.isEmpty })
  }
}
