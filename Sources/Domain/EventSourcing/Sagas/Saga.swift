import EventModel
import StatusCodes
import Timing

/// Turns events into commands: takes inputs of a saga's instances, and makes what the logic answers
/// durable. What is to happen then is the dispatcher's work.
///
/// An instance is an aggregate of the saga's own domain. Its reaction to one input is one commit,
/// whose command id is made from the input: an input that comes again changes nothing, whatever the
/// logic would say the second time.
public final class Saga: Sendable {
  public let name: Name
  /// Of the domain `Name.saga(name)`.
  public let store: any DomainStore
  let codec: any SagaCodec
  let settings: SagaSettings
  let environment: Environment
  private let key: SagaKey
  private let logic: any SagaLogic
  private let instances: CommandHandler
  /// One for each command that is being sent, under its id.
  let commandLanes = Lanes(waitersMax: 16)

  /// - Parameters:
  ///   - store: of the domain `Name.saga(name)`.
  ///   - memory: what instances may take that were at work lately; shared with other sagas.
  ///   - firstAppended: hears of the first step that is stored: perhaps the domain's first.
  public init(
    name: Name, by key: SagaKey, store: any DomainStore, logic: any SagaLogic,
    codec: any SagaCodec, settings: SagaSettings = SagaSettings(),
    limits: CommandLimits = CommandLimits(), memory: AggregateMemory = AggregateMemory(),
    environment: Environment = .live,
    firstAppended: @escaping @Sendable () -> Void = {}
  ) {
    self.name = name
    self.key = key
    self.store = store
    self.logic = logic
    self.codec = codec
    self.settings = settings
    self.environment = environment
    instances = CommandHandler(
      store: store, logic: NoLogic(), limits: limits, memory: memory, environment: environment,
      firstAppended: firstAppended)
  }

  /// The stream of the instance of this key. An aggregate's root stands for itself.
  public func cover(of key: Name) -> Cover {
    let root = self.key == .root ? Root(key.text) : nil
    return Cover(domain: store.domain, root: root ?? .named(key, by: store.domain))
  }

  /// The key of the instance that the events belong to; nil: they belong to none.
  func key(of book: EventBook) -> Name? {
    switch key {
    case .correlation: Name(book.origin.correlation)
    case .root: Name(book.cover.root.description)
    case .header(let name): codec.header(name, of: book.origin)
    }
  }

  /// What an input is to an instance, and why it came.
  struct Delivery: Sendable {
    var input: SagaInput
    var cover: Cover
    /// Nil: the instance exists.
    var key: Name?
    var cause: SagaCause
    /// The step that kept the input until now; nil: it comes by itself.
    var keptBy: SequenceNumber?

    /// Names the reaction to it.
    var id: String {
      if let keptBy { return "kept:\(keptBy)" }
      return switch input {
      case .events(let book):
        "events:"
          + Root.derived(
            by: cover.domain, from: EventReference(cover: book.cover, sequence: book.pages.first),
            0
          ).description
      case .outcome(let outcome): "end:" + outcome.command.id
      case .timer(let timer): "timer:\(timer.setBy)/\(timer.index)"
      }
    }
  }

  /// Has the logic react to an input.
  ///
  /// Throws `LogicError.unavailable` and `.timedOut` where another try may help, and what the logic
  /// refused, or `EventSourcingError`.
  ///
  /// - Returns: the step, stored now or before; nil: it led to nothing.
  func take(
    _ delivery: Delivery, deadline: ContinuousClock.Instant
  ) async throws -> RecordedCommit? {
    try await store(delivery, by: .reacting, deadline: deadline)
  }

  /// Keeps an input that the logic refuses, so that its turn comes once those before it had theirs.
  func keep(_ delivery: Delivery, deadline: ContinuousClock.Instant) async throws {
    _ = try await store(delivery, by: .keeping, deadline: deadline)
  }

  private func store(
    _ delivery: Delivery, by way: StepMaker.Way, deadline: ContinuousClock.Instant
  ) async throws -> RecordedCommit? {
    if try isKnownToHaveFinished(delivery.cover.root) { return nil }
    let command = Command(
      cover: delivery.cover, id: delivery.id, origin: codec.origin(because: delivery.cause),
      encoded: [])
    let maker = StepMaker(
      way: way, delivery: delivery, logic: logic, codec: codec, settings: settings,
      environment: environment)
    return try await instances.handle(command, by: maker, deadline: deadline).recorded
  }

  /// How an instance stands; nil where there is none.
  public func state(of root: Root) async throws -> SagaState? {
    let aggregate: Aggregate
    do { aggregate = try await store.load(root) } catch { throw EventSourcingError(error) }
    return try aggregate.snapshot.map { try codec.state(in: $0.state) }
  }

  /// How an instance stands after a step, or later: as this process has it in memory, where it
  /// does.
  func state(of root: Root, after step: SequenceNumber) async throws -> SagaState? {
    if let known = try remembered(root), known.next > step { return known.state }
    return try await state(of: root)
  }

  /// Whether an instance has finished, as far as is in memory. Then it stays so.
  func isKnownToHaveFinished(_ root: Root) throws -> Bool {
    try remembered(root)?.state.isFinished ?? false
  }

  private func remembered(_ root: Root) throws -> (state: SagaState, next: SequenceNumber)? {
    guard let known = instances.remembered(root), let snapshot = known.snapshot else { return nil }
    return (try codec.state(in: snapshot.state), known.next)
  }

  /// Forgets all instances: another process may have been at work on them for long.
  func forget() { instances.forget() }
}

/// Makes the step that an input leads to: what business logic is to an aggregate.
private struct StepMaker: BusinessLogic {
  enum Way {
    case reacting
    case keeping
  }

  let way: Way
  let delivery: Saga.Delivery
  let logic: any SagaLogic
  let codec: any SagaCodec
  let settings: SagaSettings
  let environment: Environment

  func handle(
    _ command: Command, on aggregate: Aggregate, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> ProposedBook {
    var instance = SagaInstance(
      try state(of: aggregate), cover: command.cover, next: aggregate.next)
    let step: SagaStep
    switch instance.standing(of: delivery.input, waited: delivery.keptBy != nil) {
    case .isIgnored: return .nothing
    case .waits: step = instance.keep(delivery.input, depth: delivery.cause.depth)
    case .isDue where way == .keeping:
      step = instance.keep(delivery.input, depth: delivery.cause.depth)
    case .isDue:
      let reaction = try await reaction(of: instance.state, deadline: deadline)
      if reaction.isEmpty, case .events = delivery.input, delivery.keptBy == nil {
        return .nothing
      }
      step = instance.take(
        reaction, to: delivery.input, keptBy: delivery.keptBy, depth: delivery.cause.depth)
      try check(instance.state, step)
    }
    return ProposedBook(
      cover: nil,
      snapshot: Snapshot(sequence: aggregate.next, state: codec.snapshot(of: instance.state)),
      pages: [ProposedPage(body: codec.page(of: step))])
  }

  private func state(of aggregate: Aggregate) throws(LogicError) -> SagaState {
    guard let snapshot = aggregate.snapshot else {
      return SagaState(key: delivery.key ?? "", startedAt: environment.now())
    }
    do { return try codec.state(in: snapshot.state) } catch {
      throw .refused(
        EventSourcingError(.dataLoss, "the state of \(aggregate.cover) cannot be read: \(error)"))
    }
  }

  private func reaction(
    of state: SagaState, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> SagaReaction {
    if settings.depthMax > 0, delivery.cause.depth >= settings.depthMax {
      throw .malformed(
        "\(delivery.cause.depth) steps of sagas lie before \(delivery.cause.event), each the cause "
          + "of the next: does a saga command itself in a circle? `outrider trace` shows the "
          + "chain; limit.saga-depth is how long one may be")
    }
    do {
      return try await logic.react(
        to: delivery.input, of: state.key, state: state.state, deadline: deadline)
    } catch {
      switch error {
      // Whoever delivers waits, rather than whoever comes next for the instance.
      case .unavailable, .timedOut: throw .refused(error)
      case .refused, .malformed: throw error
      }
    }
  }

  private func check(_ state: SagaState, _ step: SagaStep) throws(LogicError) {
    for command in step.commands where command.cover.domain.isInternal {
      throw .malformed(
        "a command is for \(command.cover.domain): names that begin with $ are Outrider's own")
    }
    let counts = [
      ("commands that have not ended", state.pending.count, settings.pendingMax),
      ("timers", state.timers.count, settings.timersMax),
    ]
    for (what, count, max) in counts where count > max {
      throw .malformed(
        "with this reaction the instance \(state.key) has \(count) \(what); it may have \(max)")
    }
  }
}

extension ProposedBook {
  fileprivate static let nothing = ProposedBook(cover: nil, pages: [])
}

/// A saga's instances are asked nothing but by a `StepMaker`.
private struct NoLogic: BusinessLogic {
  func handle(
    _ command: Command, on aggregate: Aggregate, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> ProposedBook { .nothing }
}
