import OutriderTesting
import Testing

@testable import LogicProcesses

@Suite struct SupervisionTests {
  private let error = SpawnError(program: "logic", code: 2)

  /// Feeds events to a supervision, and returns what it answered.
  private func actions(_ events: [Supervision.Event]) -> [Supervision.Action] {
    var policy = RestartPolicy()
    policy.stopGrace = .seconds(1)
    var supervision = Supervision(policy: policy, random: SeededRandom(seed: 1))
    return events.map { supervision.handle($0) }
  }

  private func waits(_ actions: [Supervision.Action]) -> [Duration] {
    actions.compactMap { if case .wait(let delay) = $0 { delay } else { nil } }
  }

  @Test func processIsStartedOnceAtTheBeginning() {
    #expect(actions([.begun, .started]) == [.start, .nothing])
  }

  @Test func processThatDiedIsStartedAgainAfterAWait() {
    let actions = actions([.begun, .started, .exited(uptime: .zero), .delayPassed])
    #expect(waits(actions).count == 1)
    #expect(actions.last == .start)
  }

  @Test func programThatNeverRanIsAnError() {
    #expect(actions([.begun, .startFailed(error)]) == [.start, .finish(error)])
  }

  @Test func programThatVanishedIsTriedAgain() {
    let actions = actions([
      .begun, .started, .exited(uptime: .zero), .delayPassed, .startFailed(error), .delayPassed,
    ])
    #expect(waits(actions).count == 2)
    #expect(actions.last == .start)
  }

  @Test func waitsGrowUntilTheProcessWasWell() {
    let death: [Supervision.Event] = [.started, .exited(uptime: .zero), .delayPassed]
    let health: [Supervision.Event] = [.started, .exited(uptime: .seconds(60)), .delayPassed]
    let waits = waits(actions([.begun] + death + death + death + death + health))
    #expect(waits[3] > waits[0] * 2)
    #expect(waits[4] <= .milliseconds(200))
  }

  @Test func waitIsJitteredAndBounded() {
    let death: [Supervision.Event] = [.started, .exited(uptime: .zero), .delayPassed]
    let waits = waits(actions([.begun] + Array(repeating: death, count: 100).flatMap(\.self)))
    #expect(waits.count == 100)
    for delay in waits {
      #expect(delay >= .milliseconds(100) && delay <= .seconds(10))
    }
  }

  @Test func runningProcessIsAskedToEndThenKilled() {
    #expect(
      actions([.begun, .started, .stopRequested, .gracePassed, .exited(uptime: .zero)])
        == [.start, .nothing, .terminate(grace: .seconds(1)), .kill, .finish(nil)])
  }

  @Test func processThatEndsInTimeIsNotKilled() {
    #expect(
      actions([.begun, .started, .stopRequested, .exited(uptime: .zero), .gracePassed])
        == [.start, .nothing, .terminate(grace: .seconds(1)), .finish(nil), .nothing])
  }

  @Test func stopDuringAWaitStartsNothingMore() {
    let actions = actions([
      .begun, .started, .exited(uptime: .zero), .stopRequested, .delayPassed,
    ])
    #expect(Array(actions.suffix(2)) == [.finish(nil), .nothing])
  }

  @Test func stopBeforeTheBeginningStartsNothing() {
    #expect(actions([.stopRequested, .begun]) == [.finish(nil), .nothing])
  }
}
