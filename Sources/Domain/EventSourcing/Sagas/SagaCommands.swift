import EventModel
import Timing

/// Sends the commands of a saga's steps, and hands their ends back to the instance.
struct SagaCommands: Sendable {
  let saga: Saga
  let sender: any CommandSender
  let targets: SagaTargets

  /// Sends a command and waits for its end. Throws as `CommandSender.send` does.
  ///
  /// - Returns: the instance's next input.
  private func send(
    _ command: PendingCommand, of step: RecordedSagaStep, by deadline: ContinuousClock.Instant?
  ) async throws(LogicError) -> Saga.Delivery {
    let patience = saga.environment.instant() + saga.settings.commandTimeout
    let depth = step.step.depth + 1
    let outgoing = saga.codec.command(
      step.step.commands[Int(command.index)], id: command.id,
      because: SagaCause(
        event: step.place, commandID: nil, correlation: step.correlation, depth: depth))
    let (end, events) = try await sender.send(
      outgoing, deadline: min(patience, deadline ?? patience))
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

  /// What came of a command.
  enum Progress {
    /// Its end is taken, now or before.
    case ended
    /// An earlier command to the same aggregate has not ended.
    case queued
    /// It cannot be carried out now.
    case away
  }

  /// Carries out a command that has not ended, and hands its end back. Throws what the latter does.
  ///
  /// Once its end is stored, it is not sent again: its aggregate might accept then what it refused
  /// before. So of several tries at once, each waits for the one before.
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

  /// Tries again what could not be carried out before: a command, and those behind it in its step
  /// that are for the same aggregate.
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
        // Where others get through, it is this aggregate's own trouble.
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

  /// - Parameter waited: then another process may have seen to it meanwhile.
  private func standing(
    of command: PendingCommand, sentBy step: RecordedSagaStep, waited: Bool
  ) async throws -> Standing {
    let instance = step.place.cover.root
    let known =
      waited
      ? try await saga.state(of: instance)
      : try await saga.state(of: instance, after: command.sequence)
    guard let state = known else { return .ended }
    // What a finished instance sent is carried out all the same, though it hears no more of it.
    if state.isFinished {
      // Its state tells no more which have ended. No end is taken after the last step.
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
  /// Has the logic react to an input; keeps the input where the logic refuses it. What is kept is
  /// tried again by the dispatcher, and parked if need be.
  func takeOrKeep(_ delivery: Delivery) async throws {
    let deadline = environment.instant() + settings.subscription.deliveryTimeout
    do { _ = try await take(delivery, deadline: deadline) } catch {
      guard case .refused = LogicError(delivering: error) else { throw error }
      try await keep(delivery, deadline: deadline)
    }
  }

  /// When to try again what failed so often before.
  func nextTry(after tries: UInt32) -> Timestamp {
    var backoff = Backoff(from: settings.retryDelayMin, upTo: settings.retryDelayMax)
    for _ in 0..<min(tries, 32) { _ = backoff.next(random: 0) }
    return environment.now().advanced(by: backoff.next(random: environment.random()))
  }
}
