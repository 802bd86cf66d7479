import EventModel
import Testing

@testable import EventSourcing

@Suite struct DispatchPlanTests {
  private func recorded(
    _ number: UInt64, root: UInt8, at sequence: SequenceNumber = 0
  ) -> RecordedCommit {
    RecordedCommit(position: Position(number: number), commit: commit(root, at: sequence, "e"))
  }

  private func positions(_ due: DispatchPlan.Due?) -> [UInt64]? {
    guard case .commits(let commits)? = due else { return nil }
    return commits.map(\.position.number)
  }

  @Test func anAggregateIsStartedOnceAndItsCommitsAreDueInOrder() {
    var plan = DispatchPlan(startingAt: 0)
    let started = [recorded(1, root: 1), recorded(2, root: 1, at: 1), recorded(3, root: 2)]
      .map { plan.admit($0) }
    #expect(started == [true, false, true])
    let both = plan.due(for: root(1), bytesMax: 1 << 20)
    let first = plan.due(for: root(1), bytesMax: 0)
    #expect(positions(both) == [1, 2])
    #expect(positions(first) == [1])
  }

  @Test func commitsThatDoNotFollowEachOtherAreNotDueTogether() {
    var plan = DispatchPlan(startingAt: 0)
    let commits = [(1, 0), (2, 1), (4, 3), (5, 4)].map { number, sequence in
      recorded(UInt64(number), root: 1, at: SequenceNumber(UInt32(sequence)))
    }
    for commit in commits { _ = plan.admit(commit) }
    let before = plan.due(for: root(1), bytesMax: 1 << 20)
    #expect(positions(before) == [1, 2])
    plan.finish(root(1), upTo: 2)
    let behind = plan.due(for: root(1), bytesMax: 1 << 20)
    #expect(positions(behind) == [4, 5])
  }

  @Test func theMarkPassesOnlyWhatIsDoneWithoutAGap() {
    var plan = DispatchPlan(startingAt: 10)
    for number in 11...13 as ClosedRange<UInt8> {
      _ = plan.admit(recorded(UInt64(number), root: number))
    }
    plan.finish(root(13), upTo: 13)
    #expect(plan.lowWaterMark == 10)
    plan.finish(root(11), upTo: 11)
    #expect(plan.lowWaterMark == 11)
    plan.finish(root(12), upTo: 12)
    #expect(plan.lowWaterMark == 13)
    #expect(plan.pendingCount == 0)
  }

  @Test func heldBytesAreCountedUntilTheyAreDoneOrLetGo() {
    var plan = DispatchPlan(startingAt: 0)
    let commits = [recorded(1, root: 1), recorded(2, root: 1, at: 1), recorded(3, root: 2)]
    for commit in commits { _ = plan.admit(commit) }
    #expect(plan.pendingBytes == commits.reduce(0) { $0 + $1.byteCount })
    plan.finish(root(1), upTo: 1)
    #expect(plan.pendingBytes == commits.dropFirst().reduce(0) { $0 + $1.byteCount })
    plan.release(root(1))
    plan.release(root(2))
    #expect(plan.pendingBytes == 0)
  }

  @Test func theMarkPassesPositionsThatTheLogLeavesOut() {
    var plan = DispatchPlan(startingAt: 10)
    for number in [12, 13, 17] as [UInt8] {
      _ = plan.admit(recorded(UInt64(number), root: number))
    }
    plan.finish(root(13), upTo: 13)
    #expect(plan.lowWaterMark == 10)
    plan.finish(root(12), upTo: 12)
    #expect(plan.lowWaterMark == 13)
    plan.finish(root(17), upTo: 17)
    #expect(plan.lowWaterMark == 17)
  }

  @Test func anIdleAggregateIsStartedAgain() {
    var plan = DispatchPlan(startingAt: 0)
    _ = plan.admit(recorded(1, root: 1))
    plan.finish(root(1), upTo: 1)
    let isIdle = plan.becomesIdle(root(1))
    #expect(isIdle)
    let isStarted = plan.admit(recorded(2, root: 1, at: 1))
    #expect(isStarted)
    let hasNothing = plan.becomesIdle(root(1))
    #expect(!hasNothing)
  }

  @Test func commitsOverAnAggregatesShareAreReadFromItsStreamLater() {
    var plan = DispatchPlan(startingAt: 0, heldPerAggregateMax: 2)
    for number in 1...5 as ClosedRange<UInt64> {
      _ = plan.admit(recorded(number, root: 1, at: SequenceNumber(UInt32(number) - 1)))
    }
    #expect(plan.pendingCount == 2)
    let held = plan.due(for: root(1), bytesMax: 1 << 20)
    #expect(positions(held) == [1, 2])
    plan.finish(root(1), upTo: 2)
    #expect(plan.lowWaterMark == 2)
    let rest = plan.due(for: root(1), bytesMax: 1 << 20)
    #expect(rest == .stream(upTo: 5))
    _ = plan.admit(recorded(6, root: 1, at: 5))
    plan.finish(root(1), upTo: 5)
    #expect(plan.lowWaterMark == 2)
    let more = plan.due(for: root(1), bytesMax: 1 << 20)
    #expect(more == .stream(upTo: 6))
    plan.finish(root(1), upTo: 6)
    #expect(plan.lowWaterMark == 6)
    let nothing = plan.due(for: root(1), bytesMax: 1)
    #expect(nothing == nil && plan.aggregateCount == 0)
  }

  @Test func anAggregateThatIsStuckTakesNoRoomAndHoldsTheMark() {
    var plan = DispatchPlan(startingAt: 0)
    _ = plan.admit(recorded(1, root: 1))
    plan.release(root(1))
    for number in 2...100_000 as ClosedRange<UInt64> {
      _ = plan.admit(recorded(number, root: number % 2 == 0 ? 1 : 2))
      if number % 2 == 1 { plan.finish(root(2), upTo: number) }
    }
    #expect(plan.pendingCount == 0 && plan.aggregateCount == 2)
    #expect(plan.lowWaterMark == 0)
    plan.finish(root(1), upTo: 100_000)
    #expect(plan.lowWaterMark == 100_000)
  }
}
