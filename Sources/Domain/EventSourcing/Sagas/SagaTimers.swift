import EventModel

/// Tells a saga's instances that their timers have come due.
struct SagaTimers: Sendable {
  let saga: Saga

  /// Fires a timer that is still set.
  func fire(_ entry: AgendaEntry) async -> AgendaRunner.Verdict {
    do {
      guard let timer = try await timer(entry.key),
        let step = try await saga.step(entry.key.root, timer.setBy)
      else { return .done }
      try await saga.takeOrKeep(
        Saga.Delivery(
          input: .timer(timer), cover: step.place.cover,
          // Time is an input of its own: no chain of causes goes through it.
          cause: SagaCause(
            event: step.place, commandID: nil, correlation: step.correlation, depth: 0)))
      return .done
    } catch {
      return .again(at: saga.nextTry(after: entry.tries))
    }
  }

  /// Nil where it is not set any more.
  private func timer(_ key: AgendaKey) async throws -> SagaTimer? {
    guard let state = try await saga.state(of: key.root), !state.isFinished else { return nil }
    return state.timers.first { $0.setBy == key.sequence && $0.index == key.index }
  }
}
