import EventModel
import Timing

/// Executes a saga's steps: sends commands, passes their outcomes to the instance, and runs its
/// timers. It follows the log of the saga's own domain.
///
/// Reactions to a command's outcome are executed at once, before the log delivers them. A command
/// that cannot be executed now is entered in an agenda, and delays only later commands of its
/// instance to the same aggregate. All effects have ids that make them idempotent, so repeats are
/// safe.
public final class SagaDispatcher: Sendable {
  /// The agenda, in the saga's own domain, of the timers that its instances set.
  public static let timers: Name = "timers"

  private let saga: Saga
  private let commands: SagaCommands
  private let targets: SagaTargets
  private let timers: AgendaRunner
  private let retries: SagaRetries
  /// Steps that were executed before the log delivered them.
  private let ahead = ConsumerProgress()

  /// - Parameter targets: tracks domains that take no commands.
  public init(
    for saga: Saga, sender: any CommandSender, targets: SagaTargets = SagaTargets()
  ) {
    self.saga = saga
    self.targets = targets
    let commands = SagaCommands(saga: saga, sender: sender, targets: targets)
    let timers = SagaTimers(saga: saga)
    self.commands = commands
    self.timers = AgendaRunner(of: Self.timers, in: saga.store, environment: saga.environment) {
      await timers.fire($0)
    }
    retries = SagaRetries(in: saga.store, environment: saga.environment) {
      await commands.sendAgain($0)
    }
  }

  /// The consumer that feeds the dispatcher.
  public var consumer: Projector {
    Projector(
      name: saga.name, joinsCommits: false, remembersProgress: true, store: saga.store,
      logic: self, environment: saga.environment)
  }

  /// Runs the agendas until cancelled, or until the store fails. Must run where the consumer is
  /// active.
  public func runAgendas() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.timers.run() }
      group.addTask { try await self.retries.run() }
      defer { group.cancelAll() }
      try await group.next()
    }
  }
}

extension SagaDispatcher: BookLogic {
  public func begin() {
    saga.forget()
    targets.forget()
    ahead.forget()
  }

  public func handle(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Handled {
    var isLast = false
    for step in try saga.steps(in: book) {
      // A finished instance takes no more steps.
      isLast = step.step.isFinished
      do {
        if let input = step.step.waiting {
          _ = try await saga.take(saga.delivery(of: input, keptBy: step), deadline: deadline)
        } else if !isAhead(of: step) {
          try await follow(step, deadline: deadline)
        }
      } catch { throw LogicError(delivering: error) }
    }
    return isLast ? .ended : .stored
  }

  /// Executes a step, and then the consecutive steps that it leads to.
  private func follow(
    _ first: RecordedSagaStep, deadline: ContinuousClock.Instant
  ) async throws {
    var step = first
    var led = try await react(to: step, deadline: deadline)
    // A kept input is handled when the log delivers it.
    while let next = led.first(where: {
      $0.place.sequence == step.place.sequence.next && $0.step.waiting == nil
    }) {
      step = next
      // On failure the log delivers the step again, with retries.
      guard let more = try? await react(to: step, deadline: deadline) else { return }
      ahead.note(step.place.sequence.next, of: step.place.cover.root)
      led += more
    }
  }

  /// Executes a step.
  ///
  /// - Returns: the steps that its commands' outcomes led to.
  private func react(
    to step: RecordedSagaStep, deadline: ContinuousClock.Instant
  ) async throws -> [RecordedSagaStep] {
    let led = Watched<[RecordedSagaStep]>([])
    try await carryOut(step) { delivery in
      guard let taken = try await self.saga.take(delivery, deadline: deadline) else { return }
      let steps = try self.saga.steps(in: EventBook(taken))
      led.change { $0 += steps }
    }
    return led.look { $0 }
  }

  private func isAhead(of step: RecordedSagaStep) -> Bool {
    ahead.next(of: step.place.cover.root).map { $0 > step.place.sequence } ?? false
  }

  /// Stores outcomes that the logic refuses, to be handled in turn, like events. Returns false
  /// for a step that already stores an input, so that the instance is parked.
  public func setAside(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bool {
    for step in try saga.steps(in: book) {
      if step.step.waiting != nil { return false }
      do { try await carryOut(step) { try await self.saga.takeOrKeep($0) } } catch {
        throw LogicError(delivering: error)
      }
    }
    return true
  }

  private func carryOut(
    _ step: RecordedSagaStep, handBack: @escaping @Sendable (Saga.Delivery) async throws -> Void
  ) async throws {
    let root = step.place.cover.root
    try await timers.strike(step.step.cancelledTimers.map { $0.key(in: root) })
    try await timers.enter(step.step.timers.map { ($0.key(in: root), $0.due) })
    let commands = step.commands
    if commands.isEmpty { return }
    if commands.count == 1 { return try await send(commands, of: step, handBack) }
    // A failing command does not cancel the others: else an outcome that is refused quickly each
    // time would keep slower ones from ever being stored.
    let results = await withTaskGroup(of: Result<Void, any Error>.self) { group in
      for (_, sameTarget) in Dictionary(grouping: commands, by: \.cover) {
        group.addTask {
          do { return .success(try await self.send(sameTarget, of: step, handBack)) } catch {
            return .failure(error)
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for result in results { try result.get() }
  }

  /// Sends commands to one aggregate one after another. From the first that cannot be executed
  /// now, the rest go to the agenda, as one entry.
  private func send(
    _ sameTarget: [PendingCommand], of step: RecordedSagaStep,
    _ handBack: (Saga.Delivery) async throws -> Void
  ) async throws {
    for command in sameTarget {
      if !step.step.queued.contains(command.index),
        case .ended = try await commands.carryOut(
          command, of: step, waited: false, handBack: handBack)
      {
        continue
      }
      let key = AgendaKey(
        root: step.place.cover.root, sequence: command.sequence, index: command.index)
      return try await retries.runner(for: command.cover.domain).enter(
        [(key, saga.nextTry(after: 0))])
    }
  }
}

extension SagaTimer {
  fileprivate func key(in instance: Root) -> AgendaKey {
    AgendaKey(root: instance, sequence: setBy, index: index)
  }
}

extension Saga {
  /// A kept input, now due.
  fileprivate func delivery(of input: SagaInput, keptBy step: RecordedSagaStep) -> Delivery {
    Delivery(
      input: input, cover: step.place.cover,
      cause: SagaCause(
        event: step.place, commandID: nil, correlation: step.correlation, depth: step.step.depth),
      keptBy: step.place.sequence)
  }
}
