import EventModel
import Testing

@testable import outrider

@Suite struct HistoryStatisticsTests {
  private let ann = Root(Bytes(repeating: 1, count: 16))!
  private let bob = Root(Bytes(repeating: 2, count: 16))!

  /// A commit of one-byte events.
  private func book(_ root: Root, from first: UInt32, count: Int) -> EventBook {
    var pages = PageBlock(emptyAt: SequenceNumber(first))
    for _ in 0..<count {
      pages.append(
        EventPage(
          sequence: pages.next, createdAt: Timestamp(seconds: 1, nanoseconds: 0),
          synchronous: false, body: [0x22, 0]))
    }
    return EventBook(cover: Cover(domain: "bank", root: root), pages: pages)
  }

  @Test func historyIsAllEventsWithoutASnapshot() {
    var statistics = HistoryStatistics()
    let books = [book(ann, from: 0, count: 2), book(ann, from: 2, count: 1)]
    for book in books { statistics.take(book, historyFrom: nil) }
    #expect(
      statistics.histories[ann]
        == .init(
          eventCount: 3, historyCount: 3,
          historyBytes: books.reduce(0) { $0 + $1.pages.bytes.count }))
  }

  @Test func historyBeginsBehindTheLatestSnapshot() {
    var statistics = HistoryStatistics()
    statistics.take(book(ann, from: 0, count: 5), historyFrom: nil)
    statistics.take(book(ann, from: 5, count: 2), historyFrom: 6)
    #expect(statistics.histories[ann]?.eventCount == 7)
    #expect(statistics.histories[ann]?.historyCount == 1)
    statistics.take(book(ann, from: 7, count: 1), historyFrom: 8)
    #expect(statistics.histories[ann] == .init(eventCount: 8, historyCount: 0, historyBytes: 0))
  }

  @Test func longestHistoriesComeFirst() {
    var statistics = HistoryStatistics()
    statistics.take(book(ann, from: 0, count: 9), historyFrom: 9)
    statistics.take(book(bob, from: 0, count: 2), historyFrom: nil)
    #expect(statistics.longest(10).map(\.root) == [bob, ann])
    #expect(statistics.longest(1).map(\.root) == [bob])
  }
}
