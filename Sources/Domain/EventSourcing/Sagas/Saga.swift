import EventModel
import StatusCodes
import Timing

/// Turns events into commands: passes inputs to a saga's instances, and stores the logic's
/// reactions. The dispatcher then executes them.
///
/// An instance is an aggregate of the saga's own domain. Its reaction to one input is one commit,
/// with a command id derived from the input. So a repeated input changes nothing, even if the
/// logic would now react differently.
public final class Saga: Sendable {
  public let name: Name
  /// The store of the domain `Name.saga(name)`.
  public let store: any DomainStore
  let codec: any SagaCodec
  let settings: SagaSettings
  let environment: Environment
  private let key: SagaKey
  private let logic: any SagaLogic
  private let instances: CommandHandler
  /// One lane for each command that is being sent, by its id.
  let commandLanes = Lanes(waitersMax: 16)

  /// - Parameters:
  ///   - store: the store of the domain `Name.saga(name)`.
  ///   - memory: the cache of recently active instances; shared with other sagas.
  ///   - firstAppended: called with the first step stored here, which may be the domain's first.
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

  /// The stream of the instance with this key. An aggregate's root is used as it is.
  public func cover(of key: Name) -> Cover {
    let root = self.key == .root ? Root(key.text) : nil
    return Cover(domain: store.domain, root: root ?? .named(key, by: store.domain))
  }

  /// The key of the instance that gets the events; nil if no instance does.
  func key(of book: EventBook) -> Name? {
    switch key {
    case .correlation: Name(book.origin.correlation)
    case .root: Name(book.cover.root.description)
    case .header(let name): codec.header(name, of: book.origin)
    }
  }

  /// An input to an instance, with its cause.
  struct Delivery: Sendable {
    var input: SagaInput
    var cover: Cover
    /// Nil if the instance exists.
    var key: Name?
    var cause: SagaCause
    /// The step that kept the input; nil if it was not kept.
    var keptBy: SequenceNumber?

    /// The command id of the reaction.
    var id: String {
      if let keptBy { return "kept:\(keptBy)" }
      return switch input {
      case .events(let book):
        "events:"
          + Root.derived(
            by: cover.domain, from: EventReference(cover: book.cover, sequence: book.pages.first),
            0
          ).description
      case .outcome(let outcome): Self.id(ofEndOf: outcome.command)
      case .timer(let timer): "timer:\(timer.setBy)/\(timer.index)"
      }
    }

    /// The command id of the reaction to a command's outcome.
    static func id(ofEndOf command: PendingCommand) -> String { "end:" + command.id }
  }

  /// Passes an input to the logic, and stores the reaction.
  ///
  /// Throws `LogicError.unavailable` and `.timedOut` if a retry may help, else the logic's
  /// refusal or `EventSourcingError`.
  ///
  /// - Returns: the step, stored now or before; nil: no reaction.
  func take(
    _ delivery: Delivery, deadline: ContinuousClock.Instant
  ) async throws -> RecordedCommit? {
    try await store(delivery, by: .reacting, deadline: deadline)
  }

  /// Stores an input that the logic refuses, to be handled after the inputs stored before it.
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

  /// Returns an instance's state; nil if it does not exist.
  public func state(of root: Root) async throws -> SagaState? {
    let aggregate: Aggregate
    do { aggregate = try await store.load(root) } catch { throw EventSourcingError(error) }
    return try aggregate.snapshot.map { try codec.state(in: $0.state) }
  }

  /// Returns an instance's state after this step or a later one, from memory if it is there.
  func state(of root: Root, after step: SequenceNumber) async throws -> SagaState? {
    if let known = try remembered(root), known.next > step { return known.state }
    return try await state(of: root)
  }

  /// Whether memory shows that an instance has finished, which is final.
  func isKnownToHaveFinished(_ root: Root) throws -> Bool {
    try remembered(root)?.state.isFinished ?? false
  }

  private func remembered(_ root: Root) throws -> (state: SagaState, next: SequenceNumber)? {
    guard let known = instances.remembered(root), let snapshot = known.snapshot else { return nil }
    return (try codec.state(in: snapshot.state), known.next)
  }

  /// Clears the memory of instances: another process may have changed them.
  func forget() { instances.forget() }
}

/// Makes the step for an input, in the place of an aggregate's business logic.
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
      // The deliverer waits; other callers of the instance do not.
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

/// Never called: a `StepMaker` stands in for each input.
private struct NoLogic: BusinessLogic {
  func handle(
    _ command: Command, on aggregate: Aggregate, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> ProposedBook { .nothing }
}
