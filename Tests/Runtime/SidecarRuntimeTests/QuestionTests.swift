import Synchronization
import Testing
import Timing

@testable import SidecarRuntime

@Suite(.timeLimit(.minutes(5))) struct QuestionTests {
  @Test func itIsAskedOnceForAllWhoWait() async {
    let count = Mutex(0)
    let gate = Watched(false)
    let question = Question {
      _ = await gate.wait { $0 ? () : nil }
      return count.withLock { count in
        count += 1
        return count
      }
    }
    async let first = question.outcome(within: .seconds(3600))
    async let second = question.outcome(within: .seconds(3600))
    gate.change { $0 = true }
    for outcome in [await first, await second] {
      guard case .answered(let answer) = outcome else {
        Issue.record("it was not answered")
        continue
      }
      #expect(answer == 1 || answer == 2)
    }
    #expect(count.withLock { $0 } <= 2)
  }

  /// No time passes but what the test lets pass.
  @Test func whoseAnswerTakesLongIsPendingWithWhatItSaidBefore() async throws {
    let gate = Watched(true)
    let instant = Mutex(ContinuousClock.now)
    var environment = Environment.live
    environment.instant = { instant.withLock { $0 } }
    environment.sleep = { duration in
      // An answer that is ready comes first.
      if gate.look({ $0 }) { try await Environment.live.sleep(.seconds(3600)) }
      instant.withLock { $0 += duration }
    }
    let question = Question(environment: environment) {
      _ = await gate.wait { $0 ? () : nil }
      return "fine"
    }
    guard case .answered("fine") = await question.outcome(within: .seconds(1)) else {
      Issue.record("it was not answered")
      return
    }
    gate.change { $0 = false }
    for seconds in 1...3 {
      guard case .pending(let waited, last: "fine"?) = await question.outcome(within: .seconds(1))
      else {
        Issue.record("it was answered")
        return
      }
      #expect(waited == .seconds(seconds))
    }
    gate.change { $0 = true }
    guard case .answered("fine") = await question.outcome(within: .seconds(1)) else {
      Issue.record("it was not answered")
      return
    }
  }
}
