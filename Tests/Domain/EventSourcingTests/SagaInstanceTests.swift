import EventModel
import Testing

@testable import EventSourcing

@Suite struct SagaInstanceTests {
  private let stream = Cover(domain: .saga("ship"), root: root(9))

  private func instance(_ state: SagaState? = nil, next: SequenceNumber = 0) -> SagaInstance {
    SagaInstance(
      state ?? SagaState(key: "k", startedAt: Timestamp(seconds: 1)), cover: stream, next: next)
  }

  private func send(_ number: UInt8) -> SagaCommand {
    SagaCommand(cover: cover(number), encoded: [number])
  }

  private func outcome(_ command: PendingCommand) -> SagaInput {
    .outcome(SagaOutcome(of: command, end: .nothingToDo, endedAt: Timestamp(seconds: 2)))
  }

  private let events = SagaInput.events(EventBook(commit(1, at: 4, "e")))

  @Test func commandsArePendingUntilTheyEnd() {
    var first = instance()
    let step = first.take(
      SagaReaction(commands: [send(1), send(2)]), to: events, keptBy: nil, depth: 0)
    #expect(step.commands == [send(1), send(2)])
    #expect(step.queued == [])
    #expect(first.state.pending.map(\.cover) == [cover(1), cover(2)])
    #expect(Set(first.state.pending.map(\.id)).count == 2)

    var second = instance(first.state, next: 1)
    let ended = first.state.pending[0]
    #expect(second.standing(of: outcome(ended), waited: false) == .isDue)
    _ = second.take(SagaReaction(), to: outcome(ended), keptBy: nil, depth: 1)
    #expect(second.state.pending == [first.state.pending[1]])
    #expect(second.standing(of: outcome(ended), waited: false) == .isIgnored)
  }

  @Test func aCommandIsQueuedBehindOneForTheSameAggregate() {
    var first = instance()
    _ = first.take(SagaReaction(commands: [send(1)]), to: events, keptBy: nil, depth: 0)
    var second = instance(first.state, next: 1)
    let step = second.take(
      SagaReaction(commands: [send(2), send(1)]), to: events, keptBy: nil, depth: 0)
    #expect(step.queued == [1])
  }

  @Test func idsFollowFromTheirPlace() {
    var other = instance(next: 1)
    var ids: Set<String> = []
    for _ in 0..<2 {
      var one = instance()
      _ = one.take(SagaReaction(commands: [send(1)]), to: events, keptBy: nil, depth: 0)
      ids.insert(one.state.pending[0].id)
    }
    #expect(ids.count == 1)
    _ = other.take(SagaReaction(commands: [send(1)]), to: events, keptBy: nil, depth: 0)
    #expect(!ids.contains(other.state.pending[0].id))
    // For ever: what was sent under it is known by it.
    #expect(ids == ["03162283-8792-a9a2-b5f0-43302d09418d"])
  }

  @Test func aTimerIsReplacedByOneOfItsName() {
    let (early, late) = (Timestamp(seconds: 5), Timestamp(seconds: 9))
    var first = instance()
    _ = first.take(
      SagaReaction(timers: [("a", early), ("b", early)]), to: events, keptBy: nil, depth: 0)
    let replaced = first.state.timers[0]
    var second = instance(first.state, next: 1)
    let step = second.take(
      SagaReaction(timers: [("a", late)]), to: events, keptBy: nil, depth: 0)
    #expect(step.cancelledTimers == [replaced])
    #expect(second.state.timers.map(\.due) == [early, late])
    #expect(second.standing(of: .timer(replaced), waited: false) == .isIgnored)
    #expect(second.standing(of: .timer(second.state.timers[1]), waited: false) == .isDue)
  }

  @Test func aTimerFiresOnce() {
    var first = instance()
    _ = first.take(
      SagaReaction(timers: [("a", Timestamp(seconds: 5))]), to: events, keptBy: nil, depth: 0)
    let timer = first.state.timers[0]
    var second = instance(first.state, next: 1)
    _ = second.take(SagaReaction(), to: .timer(timer), keptBy: nil, depth: 0)
    #expect(second.standing(of: .timer(timer), waited: false) == .isIgnored)
  }

  @Test func whatIsFinishedTakesNothing() {
    var first = instance()
    let step = first.take(
      SagaReaction(
        commands: [send(1)], timers: [("a", Timestamp(seconds: 5))], isFinished: true),
      to: events, keptBy: nil, depth: 0)
    #expect(step.commands == [send(1)])
    #expect(step.timers == [])
    #expect(first.state.timers == [])
    let second = instance(first.state, next: 1)
    #expect(second.standing(of: events, waited: false) == .isIgnored)
    #expect(second.standing(of: events, waited: true) == .isIgnored)
  }

  @Test func inputsWaitBehindOneThatIsKept() {
    var first = instance(next: 3)
    let kept = first.keep(events, depth: 1)
    #expect(kept.waiting == events)
    #expect(first.state.waitingUntil == 4)
    var second = instance(first.state, next: 4)
    #expect(second.standing(of: events, waited: false) == .waits)
    _ = second.keep(events, depth: 1)

    var third = instance(second.state, next: 5)
    #expect(third.standing(of: events, waited: true) == .isDue)
    _ = third.take(SagaReaction(), to: events, keptBy: 3, depth: 1)
    #expect(third.standing(of: events, waited: false) == .waits)
    var fourth = instance(third.state, next: 6)
    _ = fourth.take(SagaReaction(), to: events, keptBy: 4, depth: 1)
    #expect(fourth.standing(of: events, waited: false) == .isDue)
  }
}
