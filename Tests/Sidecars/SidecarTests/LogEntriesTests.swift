import EventModel
import EventSourcing
import Testing
import Wire

@testable import Sidecars

@Suite struct LogEntriesTests {
  private func recorded(_ number: UInt64) -> RecordedCommit {
    var random = SystemRandomNumberGenerator()
    let time = Timestamp(seconds: 1)
    var pages = PageBlock(emptyAt: .first)
    pages.append(EventPage(sequence: .first, createdAt: time, body: []))
    return RecordedCommit(
      position: Position(partition: 2, number: number),
      commit: Commit(
        cover: Cover(domain: "d", root: .random(using: &random)), id: .random(using: &random),
        pages: pages, createdAt: time))
  }

  @Test func positionsWithoutACommitAreShownAsTombstones() {
    var entries = LogEntries(after: Position(partition: 2, number: 3), limit: nil)
    let shown = [recorded(4), recorded(7)].flatMap { entries.upTo($0) }
    #expect(shown.map(\.position) == (4...7).map { Position(partition: 2, number: $0) })
    #expect(shown.map { $0.content == .tombstone } == [false, true, true, false])
  }

  @Test(arguments: 0...4) func tombstonesCountTowardsTheLimit(_ limit: Int) {
    var entries = LogEntries(after: Position(partition: 2, number: 0), limit: limit)
    let shown = entries.upTo(recorded(3)) + entries.upTo(recorded(4))
    #expect(shown.map(\.position.number) == Array(1...4).prefix(limit).map { UInt64($0) })
  }
}
