import EventModel
import Testing

@testable import EventSourcing

@Suite struct ChannelInboxTests {
  private func recorded(_ number: UInt64, of aggregate: UInt8 = 1) -> RecordedCommit {
    RecordedCommit(
      position: Position(number: number),
      commit: commit(aggregate, at: SequenceNumber(UInt32(number)), "e"))
  }

  private func numbers(_ next: ChannelInbox.Next) -> [UInt64]? {
    if case .commits(let commits) = next { commits.map(\.position.number) } else { nil }
  }

  @Test func whatComesInOrderIsHandedOnAndAcknowledgedWhenItIsReleased() {
    let inbox = Inbox(after: 4)
    for number in 5...7 as ClosedRange<UInt64> {
      #expect(!inbox.receive(recorded(number), tag: number * 10))
    }
    #expect(numbers(inbox.next(limit: ReadLimit(count: 2))) == [5, 6])
    #expect(inbox.release(root(1), upTo: 5) == [50])
    #expect(numbers(inbox.next(limit: ReadLimit())) == [7])
    #expect(inbox.release(root(1), upTo: 7) == [60, 70])
    #expect(inbox.next(limit: ReadLimit()) == .empty)
  }

  @Test func whatIsMissingIsAGapUntilItComesFromTheLog() {
    let inbox = Inbox(after: 0)
    _ = inbox.receive(recorded(3), tag: 3)
    #expect(inbox.next(limit: ReadLimit()) == .gap(before: 3))
    inbox.handOn([recorded(1), recorded(2)])
    #expect(numbers(inbox.next(limit: ReadLimit())) == [3])
    #expect(inbox.release(root(1), upTo: 3) == [3])
  }

  @Test func positionsThatNoCommitHasAreSettled() {
    let inbox = Inbox(after: 0)
    _ = inbox.receive(recorded(3), tag: 3)
    inbox.settle(before: 3)
    #expect(numbers(inbox.next(limit: ReadLimit())) == [3])
  }

  @Test func disorderIsPutRight() {
    let inbox = Inbox(after: 0)
    for number in [2, 3, 1] as [UInt64] { _ = inbox.receive(recorded(number), tag: number) }
    #expect(numbers(inbox.next(limit: ReadLimit())) == [1, 2, 3])
  }

  @Test func aRepeatOfWhatIsDoneIsAcknowledgedAtOnce() {
    let inbox = Inbox(after: 0)
    _ = inbox.receive(recorded(1), tag: 1)
    _ = inbox.next(limit: ReadLimit())
    _ = inbox.release(root(1), upTo: 1)
    #expect(inbox.receive(recorded(1), tag: 2))
  }

  @Test func aRepeatOfWhatIsUnderWayIsAcknowledgedWithIt() {
    let inbox = Inbox(after: 0)
    _ = inbox.receive(recorded(1), tag: 1)
    _ = inbox.next(limit: ReadLimit())
    #expect(!inbox.receive(recorded(1), tag: 2))
    #expect(inbox.release(root(1), upTo: 1) == [1, 2])
  }

  @Test func aDeliveryOfWhatCameFromTheLogMeanwhileBelongsToIt() {
    let inbox = Inbox(after: 0)
    _ = inbox.receive(recorded(2), tag: 2)
    inbox.handOn([recorded(1), recorded(2)])
    #expect(inbox.next(limit: ReadLimit()) == .empty)
    #expect(inbox.release(root(1), upTo: 2) == [2])
  }

  @Test func tagsOfAnEarlierConsumerAreNeverAcknowledged() {
    let inbox = Inbox(after: 0)
    for number in 1...2 as ClosedRange<UInt64> { _ = inbox.receive(recorded(number), tag: number) }
    _ = inbox.next(limit: ReadLimit(count: 1))
    inbox.forgetTags()
    #expect(inbox.release(root(1), upTo: 1) == [])
    #expect(numbers(inbox.next(limit: ReadLimit())) == [2])
    #expect(!inbox.receive(recorded(2), tag: 1))
    #expect(inbox.release(root(1), upTo: 2) == [1])
  }
}

/// The inbox as an object: an expectation cannot hold a call that changes a value.
private final class Inbox {
  private var inbox: ChannelInbox

  init(after position: UInt64) { inbox = ChannelInbox(after: position) }

  func receive(_ commit: RecordedCommit, tag: UInt64) -> Bool { inbox.receive(commit, tag: tag) }
  func next(limit: ReadLimit) -> ChannelInbox.Next { inbox.next(limit: limit) }
  func handOn(_ commits: [RecordedCommit]) { inbox.handOn(commits) }
  func settle(before number: UInt64) { inbox.settle(before: number) }
  func forgetTags() { inbox.forgetTags() }
  func release(_ root: Root, upTo number: UInt64) -> [UInt64] { inbox.release(root, upTo: number) }
}
