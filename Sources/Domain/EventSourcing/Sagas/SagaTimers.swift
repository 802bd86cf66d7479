import EventModel

/// Passes due timers to a saga's instances.
struct SagaTimers: Sendable {
  private let saga: Saga
  /// One lane for each instance, so its timers fire one after another.
  private let lanes = Lanes(waitersMax: AgendaSettings().underWayMax)

  init(saga: Saga) { self.saga = saga }

  /// Fires a timer that is still set, after earlier timers of its instance: many may be due at
  /// once after an outage.
  func fire(_ entry: AgendaEntry) async -> AgendaRunner.Verdict {
    do {
      try await lanes.run(on: entry.key.root) { try await fireAll(upTo: entry.key) }
      return .done
    } catch {
      return .again(at: saga.nextTry(after: entry.tries))
    }
  }

  private func fireAll(upTo key: AgendaKey) async throws {
    var fired: [SagaTimer] = []
    while let timer = try await next(upTo: key, without: fired),
      let step = try await saga.step(key.root, timer.setBy)
    {
      try await saga.takeOrKeep(
        Saga.Delivery(
          input: .timer(timer), cover: step.place.cover,
          // A timer starts a new chain of causes.
          cause: SagaCause(
            event: step.place, commandID: nil, correlation: step.correlation, depth: 0)))
      if timer.isNamed(by: key) { return }
      fired.append(timer)
    }
  }

  /// The first of the instance's timers up to this one. Nil if this one is no longer set.
  private func next(upTo key: AgendaKey, without fired: [SagaTimer]) async throws -> SagaTimer? {
    guard let state = try await saga.state(of: key.root, after: key.sequence), !state.isFinished
    else { return nil }
    let left = state.timers.filter { !fired.contains($0) }
    guard let last = left.first(where: { $0.isNamed(by: key) }) else { return nil }
    return left.filter { $0.turn <= last.turn }.min { $0.turn < $1.turn }
  }
}

extension SagaTimer {
  /// The order in which an instance's timers fire.
  fileprivate var turn: (Timestamp, SequenceNumber, UInt32) { (due, setBy, index) }

  fileprivate func isNamed(by key: AgendaKey) -> Bool {
    setBy == key.sequence && index == key.index
  }
}
