import EventModel
import Testing
import Wire

@Suite struct LetterHeadersTests {
  private let headers: [MessageHeader] = [("x", "y"), ("outrider-position", "4")]

  @Test func aStampIsReadAmongAMessagesOwnHeaders() {
    let stamp = LetterHeaders(
      id: "00f0", reason: "odd ✓", setAsideAt: Timestamp(seconds: 1_700_000_000, nanoseconds: 5))
    #expect(LetterHeaders(among: headers + stamp.headers) == stamp)
    #expect(stamp.headers.allSatisfy { LetterHeaders.contain($0.name) })
    #expect(!headers.contains { LetterHeaders.contain($0.name) })
  }

  @Test func whatAnotherToolWroteIsNoStamp() {
    let read = LetterHeaders(among: headers + [("outrider-set-aside-at", "yesterday")])
    #expect(read.id == nil && read.reason.isEmpty && read.setAsideAt == nil)
  }

  @Test func anIdFollowsFromAllOfTheContent() {
    func id(_ headers: [MessageHeader], _ body: Bytes) -> String {
      LetterHeaders.derivedID(headers: headers, body: body)
    }
    let ids = [
      id([], []), id([], [1]), id([("a", "b")], []), id([("ab", "")], []), id([("", "ab")], []),
      id([("a", "")], [0x62]), id(headers, [1]),
    ]
    #expect(Set(ids).count == ids.count)
    #expect(ids.allSatisfy { $0.count == 16 })
    #expect(id(headers.reversed(), [1]) == id(headers, [1]))
  }
}
