import EventModel
import Timing

/// Sends the commands of a saga's steps, and passes their outcomes to the instance.
struct SagaCommands: Sendable {
  let saga: Saga
  let sender: any CommandSender
  let targets: SagaTargets

  /// Sends a command and waits for its outcome. Throws as `CommandSender.send` does.
  ///
  /// - Returns: the outcome as the instance's next input.
  private func send(
    _ command: PendingCommand, of step: RecordedSagaStep, by deadline: ContinuousClock.Instant?
  ) async throws(LogicError) -> Saga.Delivery {
    let depth = step.step.depth + 1
    let outgoing = outgoing(command, of: step)
    let (end, events) = try await sender.send(outgoing, deadline: patience(until: deadline))
    let outcome = SagaOutcome(
      of: command, encoded: outgoing.encoded, end: end, events: events,
      endedAt: saga.environment.now())
    let last = events.map { EventReference(cover: $0.cover, sequence: $0.pages.last) }
    return Saga.Delivery(
      input: .outcome(outcome), cover: step.place.cover,
      cause: SagaCause(
        event: last ?? step.place, commandID: command.id, correlation: step.correlation,
        depth: depth))
  }

  /// The events that a command led to, as recorded: sending it again changes nothing. Throws as
  /// `CommandSender.send` does.
  func events(
    of command: PendingCommand, of step: RecordedSagaStep, by deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> EventBook? {
    try await sender.send(outgoing(command, of: step), deadline: patience(until: deadline)).events
  }

  private func outgoing(
    _ command: PendingCommand, of step: RecordedSagaStep
  ) -> OutgoingCommand {
    saga.codec.command(
      step.step.commands[Int(command.index)], id: command.id,
      because: SagaCause(
        event: step.place, commandID: nil, correlation: step.correlation,
        depth: step.step.depth + 1))
  }

  private func patience(
    until deadline: ContinuousClock.Instant?
  ) -> ContinuousClock.Instant {
    let patience = saga.environment.instant() + saga.settings.commandTimeout
    return min(patience, deadline ?? patience)
  }

  /// The result of executing a command.
  enum Progress {
    /// Its outcome is stored, now or before.
    case ended
    /// An earlier command to the same aggregate has not ended.
    case queued
    /// It cannot be executed now.
    case away
  }

  /// Executes a command that has not ended, and passes its outcome to `handBack`. Rethrows the
  /// latter's errors.
  ///
  /// A command with a stored outcome is not sent again: its aggregate might now accept what it
  /// refused before. So concurrent tries of a command run one after another.
  ///
  /// - Parameter waited: whether it was in an agenda.
  func carryOut(
    _ command: PendingCommand, of step: RecordedSagaStep, waited: Bool = false,
    by deadline: ContinuousClock.Instant? = nil,
    handBack: (Saga.Delivery) async throws -> Void
  ) async throws -> Progress {
    let instance = step.place.cover.root
    return try await saga.commandLanes.run(on: Root(command.id) ?? instance) {
      switch try await standing(of: command, sentBy: step, waited: waited) {
      case .ended: return .ended
      case .queued: return .queued
      case .due: break
      }
      let (domain, clock) = (command.cover.domain, saga.environment)
      guard targets.begin(domain, waited: waited, at: clock.instant()) else { return .away }
      let delivery: Saga.Delivery
      do throws(LogicError) { delivery = try await send(command, of: step, by: deadline) } catch {
        targets.end(domain, error, at: clock.instant())
        return .away
      }
      targets.end(domain, nil, at: clock.instant())
      try await handBack(delivery)
      return .ended
    }
  }

  /// Retries a command that could not be executed, and those after it in its step to the same
  /// aggregate.
  func sendAgain(_ entry: AgendaEntry) async -> AgendaRunner.Verdict {
    do {
      guard let step = try await saga.step(entry.key.root, entry.key.sequence),
        let first = step.command(entry.key.index)
      else { return .done }
      for command in step.commands
      where command.cover == first.cover && command.index >= first.index {
        let wasAway = targets.isAway(command.cover.domain)
        switch try await carryOut(command, of: step, waited: true, handBack: saga.takeOrKeep) {
        case .ended: continue
        case .queued: return .again(at: saga.environment.now().advanced(by: .milliseconds(100)))
        case .away where wasAway: return .held(saga.settings.domainRetryInterval)
        // The domain takes other commands, so only this aggregate has the problem.
        case .away: return .again(at: saga.nextTry(after: entry.tries))
        }
      }
      return .done
    } catch {
      return .again(at: saga.nextTry(after: entry.tries))
    }
  }

  private enum Standing {
    case ended
    /// An earlier command to the same aggregate has not ended.
    case queued
    case due
  }

  /// - Parameter waited: whether it was in an agenda, so that another process may have executed
  ///   it.
  private func standing(
    of command: PendingCommand, sentBy step: RecordedSagaStep, waited: Bool
  ) async throws -> Standing {
    let instance = step.place.cover.root
    let known =
      waited
      ? try await saga.state(of: instance)
      : try await saga.state(of: instance, after: command.sequence)
    guard let state = known else { return .ended }
    // A finished instance's commands are still executed; it gets no outcomes.
    if state.isFinished {
      // A finished state does not list pending commands. After the last step, no outcome is
      // stored.
      if step.step.isFinished { return .due }
      let steps = try await saga.steps(of: instance)
      return steps.contains { $0.step.trigger.isEnd(of: command) } ? .ended : .due
    }
    guard state.pending.contains(command) else { return .ended }
    let isQueued = state.pending.contains { earlier in
      earlier.cover == command.cover
        && (earlier.sequence, earlier.index) < (command.sequence, command.index)
    }
    return isQueued ? .queued : .due
  }
}

extension SagaStep.Trigger {
  fileprivate func isEnd(of command: PendingCommand) -> Bool {
    if case .outcome(command, _, _) = self { true } else { false }
  }
}

extension Saga {
  /// Passes an input to the logic; stores it if the logic refuses. The dispatcher retries stored
  /// inputs, and parks the instance if they keep failing.
  func takeOrKeep(_ delivery: Delivery) async throws {
    let deadline = environment.instant() + settings.subscription.deliveryTimeout
    do { _ = try await take(delivery, deadline: deadline) } catch {
      guard case .refused = LogicError(delivering: error) else { throw error }
      try await keep(delivery, deadline: deadline)
    }
  }

  /// The time of the next retry after this number of failures.
  func nextTry(after tries: UInt32) -> Timestamp {
    var backoff = Backoff(from: settings.retryDelayMin, upTo: settings.retryDelayMax)
    for _ in 0..<min(tries, 32) { _ = backoff.next(random: 0) }
    return environment.now().advanced(by: backoff.next(random: environment.random()))
  }
}
