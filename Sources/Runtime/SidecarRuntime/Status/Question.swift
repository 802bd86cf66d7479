import Synchronization
import Timing

/// A query that may be slow. It runs once at a time, and no caller waits longer than its patience.
final class Question<Answer: Sendable>: Sendable {
  enum Outcome {
    case answered(Answer)
    /// Still running, for this long. `last` is the previous answer.
    case pending(Duration, last: Answer?)
  }

  private struct State {
    var asked: (task: Task<Answer, Never>, at: ContinuousClock.Instant)?
    var last: Answer?
  }

  private let environment: Environment
  private let ask: @Sendable () async -> Answer
  private let state = Mutex(State())

  init(environment: Environment = .live, _ ask: @escaping @Sendable () async -> Answer) {
    self.environment = environment
    self.ask = ask
  }

  func outcome(within patience: Duration) async -> Outcome {
    let (task, began) = state.withLock { state in
      if let asked = state.asked { return asked }
      let asked = (task: Task { await self.answer() }, at: environment.instant())
      state.asked = asked
      return asked
    }
    if let answer = await within(patience, sleep: environment.sleep, { await task.value }) {
      return .answered(answer)
    }
    return .pending(environment.instant() - began, last: state.withLock { $0.last })
  }

  private func answer() async -> Answer {
    let answer = await ask()
    state.withLock { $0 = State(asked: nil, last: answer) }
    return answer
  }
}
