import EventModel
import Testing

@testable import EventSourcing

@Suite struct DispatchPlanTests {
  private func recorded(
    _ number: UInt64, root: UInt8, at sequence: SequenceNumber = 0
  ) -> RecordedCommit {
    RecordedCommit(position: Position(number: number), commit: commit(root, at: sequence, "e"))
  }

  @Test func anAggregateIsStartedOnceAndItsCommitsAreDueInOrder() {
    var plan = DispatchPlan(startingAt: 0)
    let started = [recorded(1, root: 1), recorded(2, root: 1, at: 1), recorded(3, root: 2)]
      .map { plan.admit($0) }
    #expect(started == [true, false, true])
    let both = plan.due(for: root(1), bytesMax: 1 << 20)
    let first = plan.due(for: root(1), bytesMax: 0)
    #expect(both?.map(\.position.number) == [1, 2])
    #expect(first?.map(\.position.number) == [1])
  }

  @Test func commitsThatDoNotFollowEachOtherAreNotDueTogether() {
    var plan = DispatchPlan(startingAt: 0)
    let commits = [(1, 0), (2, 1), (4, 3), (5, 4)].map { number, sequence in
      recorded(UInt64(number), root: 1, at: SequenceNumber(UInt32(sequence)))
    }
    for commit in commits { _ = plan.admit(commit) }
    let before = plan.due(for: root(1), bytesMax: 1 << 20) ?? []
    #expect(before == Array(commits[..<2]))
    plan.finish(before)
    let behind = plan.due(for: root(1), bytesMax: 1 << 20)
    #expect(behind == Array(commits[2...]))
  }

  @Test func theMarkPassesOnlyWhatIsDoneWithoutAGap() {
    var plan = DispatchPlan(startingAt: 10)
    let commits = (11...13).map { recorded(UInt64($0), root: UInt8($0)) }
    for commit in commits { _ = plan.admit(commit) }
    plan.finish([commits[2]])
    #expect(plan.lowWaterMark == 10)
    plan.finish([commits[0]])
    #expect(plan.lowWaterMark == 11)
    plan.finish([commits[1]])
    #expect(plan.lowWaterMark == 13)
    #expect(plan.pendingCount == 0)
  }

  @Test func theMarkPassesPositionsThatTheLogLeavesOut() {
    var plan = DispatchPlan(startingAt: 10)
    let commits = [12, 13, 17].map { recorded($0, root: UInt8($0)) }
    for commit in commits { _ = plan.admit(commit) }
    plan.finish([commits[1]])
    #expect(plan.lowWaterMark == 10)
    plan.finish([commits[0]])
    #expect(plan.lowWaterMark == 13)
    plan.finish([commits[2]])
    #expect(plan.lowWaterMark == 17)
  }

  @Test func anIdleAggregateIsStartedAgain() {
    var plan = DispatchPlan(startingAt: 0)
    let first = recorded(1, root: 1)
    _ = plan.admit(first)
    plan.finish([first])
    let nothing = plan.due(for: root(1), bytesMax: 1)
    #expect(nothing == nil)
    let isStarted = plan.admit(recorded(2, root: 1, at: 1))
    #expect(isStarted)
  }
}
