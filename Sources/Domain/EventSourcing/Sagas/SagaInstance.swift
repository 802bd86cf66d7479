import EventModel

/// One instance of a saga when it takes an input: makes the next step of its stream, and the new
/// state. No waiting, no clock, no I/O.
struct SagaInstance {
  /// How to handle an input.
  enum Standing {
    /// Ignored: the instance has finished, or does not expect it.
    case isIgnored
    /// Kept until the inputs before it are handled.
    case waits
    case isDue
  }

  private(set) var state: SagaState
  private let cover: Cover
  /// The number of the next step.
  private let next: SequenceNumber

  init(_ state: SagaState, cover: Cover, next: SequenceNumber) {
    self.state = state
    self.cover = cover
    self.next = next
  }

  /// - Parameter waited: whether the input was kept and is now due.
  func standing(of input: SagaInput, waited: Bool) -> Standing {
    if state.isFinished { return .isIgnored }
    switch input {
    case .events: break
    case .outcome(let outcome):
      // The outcome of a kept input already counts as ended.
      guard waited || state.pending.contains(outcome.command) else { return .isIgnored }
    case .timer(let timer): guard state.timers.contains(timer) else { return .isIgnored }
    }
    return waited || state.waitingUntil == .first ? .isDue : .waits
  }

  /// Keeps the input until those before it are handled. A command whose outcome is kept has
  /// ended, so it does not block others to the same aggregate.
  mutating func keep(_ input: SagaInput, depth: UInt32) -> SagaStep {
    if case .outcome = input { remove(input) }
    state.waitingUntil = SequenceNumber(next.rawValue + 1)
    return SagaStep(trigger: input.trigger, depth: depth, waiting: input)
  }

  /// Applies the logic's reaction to the input.
  ///
  /// - Parameter kept: the step that kept the input; nil if it was not kept.
  mutating func take(
    _ reaction: SagaReaction, to input: SagaInput, keptBy kept: SequenceNumber?, depth: UInt32
  ) -> SagaStep {
    var step = SagaStep(
      trigger: input.trigger, commands: reaction.commands, isFinished: reaction.isFinished,
      depth: depth)
    remove(input)
    if let kept, kept.rawValue + 1 >= state.waitingUntil.rawValue { state.waitingUntil = .first }
    if let newState = reaction.state { state.state = newState }

    let gone = Set(reaction.cancelledTimers + reaction.timers.map(\.name))
    step.cancelledTimers = state.timers.filter { reaction.isFinished || gone.contains($0.name) }
    state.timers.removeAll { step.cancelledTimers.contains($0) }
    step.queued = step.commands.indices.filter { index in
      state.pending.contains { $0.cover == step.commands[index].cover }
    }.map(UInt32.init)
    if reaction.isFinished {
      state.isFinished = true
      state.pending = []
      return step
    }
    for (index, timer) in reaction.timers.enumerated() {
      step.timers.append(
        SagaTimer(name: timer.name, due: timer.due, setBy: next, index: UInt32(index)))
    }
    state.timers += step.timers
    state.pending += reaction.commands.indices.map { index in
      command(index, to: reaction.commands[index].cover)
    }
    return step
  }

  private mutating func remove(_ input: SagaInput) {
    switch input {
    case .events: break
    case .outcome(let outcome): state.pending.removeAll { $0 == outcome.command }
    case .timer(let timer): state.timers.removeAll { $0 == timer }
    }
  }

  private func command(_ index: Int, to target: Cover) -> PendingCommand {
    PendingCommand(
      of: EventReference(cover: cover, sequence: next), UInt32(index), to: target)
  }
}

extension PendingCommand {
  /// The command at an index of a step. Its id is derived from both.
  init(of step: EventReference, _ index: UInt32, to target: Cover) {
    self.init(
      sequence: step.sequence, index: index, cover: target,
      id: Root.derived(by: step.cover.domain, from: step, index).description)
  }
}

extension SagaReaction {
  /// Whether the reaction has no effect.
  var isEmpty: Bool {
    commands.isEmpty && state == nil && timers.isEmpty && cancelledTimers.isEmpty && !isFinished
  }
}
