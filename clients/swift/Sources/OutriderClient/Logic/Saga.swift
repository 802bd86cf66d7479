/// A saga: turns events, ends of commands and timers into commands, across aggregates and domains.
///
/// The value is the state of one instance, which Outrider stores between inputs. A handler changes
/// it, and returns a `SagaReaction` with the actions. Both are stored atomically, and once, before
/// any action happens; handlers must have no other effect.
public protocol Saga: Logic, Payload {
  /// An instance without inputs.
  init()

  /// Handlers of its inputs. Make it a `static let`.
  static var behavior: SagaBehavior<Self> { get }
}

extension Saga {
  public typealias Behavior = SagaBehavior<Self>
}

/// Handlers of a saga's inputs. It ignores inputs without a handler.
public struct SagaBehavior<State: Saga>: Sendable {
  typealias TakeEvent =
    @Sendable (inout State, AnyPayload, Event, inout SagaReaction) throws -> Void
  typealias TakeOutcome =
    @Sendable (inout State, AnyPayload, Outcome, inout SagaReaction) throws -> Void
  typealias TakeTimer = @Sendable (inout State, inout SagaReaction) throws -> Void

  private var events: [Substring: TakeEvent] = [:]
  private var outcomes: [Substring: TakeOutcome] = [:]
  private var timers: [String: TakeTimer] = [:]

  public init() {}

  /// Handles an event: its payload and facts.
  public func on<Payload: OutriderClient.Payload>(
    _ type: Payload.Type,
    _ take: @escaping @Sendable (inout State, Payload, Event, inout SagaReaction) throws -> Void
  ) -> Self {
    var behavior = self
    let previous = behavior.events.updateValue(
      { state, payload, event, reaction in
        guard let payload = try payload.as(Payload.self) else { return }
        try take(&state, payload, event, &reaction)
      }, forKey: Payload.typeName)
    precondition(previous == nil, "\(State.self) takes \(Payload.typeURL) twice")
    return behavior
  }

  /// Handles the end of a command that the saga sent.
  public func outcome<Command: Payload>(
    of type: Command.Type,
    _ take: @escaping @Sendable (inout State, Command, Outcome, inout SagaReaction) throws -> Void
  ) -> Self {
    var behavior = self
    let previous = behavior.outcomes.updateValue(
      { state, payload, outcome, reaction in
        guard let command = try payload.as(Command.self) else { return }
        try take(&state, command, outcome, &reaction)
      }, forKey: Command.typeName)
    precondition(previous == nil, "\(State.self) takes the outcome of \(Command.typeURL) twice")
    return behavior
  }

  /// Handles the firing of the timer of this name.
  public func timer(
    _ name: String, _ take: @escaping @Sendable (inout State, inout SagaReaction) throws -> Void
  ) -> Self {
    var behavior = self
    let previous = behavior.timers.updateValue(take, forKey: name)
    precondition(previous == nil, "\(State.self) takes the timer \(name) twice")
    return behavior
  }

  func take(
    _ payload: AnyPayload, _ event: Event, _ state: inout State, _ reaction: inout SagaReaction
  ) throws {
    try events[typeName(of: payload.typeURL)]?(&state, payload, event, &reaction)
  }

  func take(
    _ command: AnyPayload, _ outcome: Outcome, _ state: inout State, _ reaction: inout SagaReaction
  ) throws {
    try outcomes[typeName(of: command.typeURL)]?(&state, command, outcome, &reaction)
  }

  func take(timer name: String, _ state: inout State, _ reaction: inout SagaReaction) throws {
    try timers[name]?(&state, &reaction)
  }
}
