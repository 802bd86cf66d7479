/// An aggregate: commands produce events, and events change the state.
///
/// The value is the state of one aggregate, folded from its events. It can be stored as a
/// snapshot, so it is a payload itself. `behavior` defines it:
///
///     struct Account: Aggregate, Codable {
///       var cents = 0
///
///       static let behavior = Behavior()
///         .process(ReceiveDeposit.self) { account, command in
///           [DepositReceived(cents: command.cents)]
///         }
///         .apply(DepositReceived.self) { account, event in account.cents += event.cents }
///     }
public protocol Aggregate: Logic, Payload {
  /// An aggregate without events.
  init()

  /// Handlers of its commands and events. Make it a `static let`.
  static var behavior: AggregateBehavior<Self> { get }

  /// The number of events after which a snapshot is stored; nil, the default: never. Ignored in
  /// the function style, where Outrider decides.
  static var snapshotInterval: Int? { get }
}

extension Aggregate {
  public typealias Behavior = AggregateBehavior<Self>

  public static var snapshotInterval: Int? { nil }
}

/// Handlers of an aggregate's commands and events.
public struct AggregateBehavior<State: Aggregate>: Sendable {
  typealias Process = @Sendable (State, AnyPayload, String) throws -> [any Payload]

  private var processes: [Substring: Process] = [:]
  private var appliers = Appliers<State>()

  public init() {}

  /// Decides a command: returns its events, none if there is nothing to do, or throws `Refused`.
  /// Must have no other effect; it may be called again for the same command.
  public func process<Command: Payload>(
    _ type: Command.Type,
    _ decide: @escaping @Sendable (State, Command) throws -> [any Payload]
  ) -> Self {
    process(type) { state, command, _ in try decide(state, command) }
  }

  /// The same, with the entity inside the aggregate that handles the command, `type:id`; empty:
  /// the aggregate itself.
  public func process<Command: Payload>(
    _ type: Command.Type,
    _ decide: @escaping @Sendable (State, Command, _ entity: String) throws -> [any Payload]
  ) -> Self {
    var behavior = self
    let previous = behavior.processes.updateValue(
      { state, payload, entity in
        let command: Command?
        do { command = try payload.as(Command.self) } catch {
          throw Refused(.invalidArgument, "\(error)")
        }
        return try command.map { try decide(state, $0, entity) } ?? []
      }, forKey: Command.typeName)
    precondition(previous == nil, "\(State.self) processes \(Command.typeURL) twice")
    return behavior
  }

  /// Applies an event to the state. It cannot fail: the event has happened. Every event of the
  /// aggregate needs one, even if it changes nothing.
  public func apply<Event: Payload>(
    _ type: Event.Type, _ apply: @escaping @Sendable (inout State, Event) -> Void
  ) -> Self {
    self.apply(type) { state, event, _ in apply(&state, event) }
  }

  /// The same, for an event of an entity inside the aggregate.
  public func apply<Event: Payload>(
    _ type: Event.Type,
    _ apply: @escaping @Sendable (inout State, Event, _ entity: String) -> Void
  ) -> Self {
    var behavior = self
    behavior.appliers.add(type, apply)
    return behavior
  }

  /// Decides a command and applies its events. Throws `Refused`.
  func process(
    _ command: AnyPayload, for entity: String, on state: inout State
  ) throws -> [AnyPayload] {
    guard let decide = processes[typeName(of: command.typeURL)] else {
      throw Refused(
        .invalidArgument, "\(State.self) knows no command \(typeName(of: command.typeURL))")
    }
    let events = try decide(state, command, entity).map { try AnyPayload($0) }
    for event in events { try apply(event, of: entity, to: &state) }
    return events
  }

  /// Throws `Mistake` if no function applies the event.
  func apply(_ event: AnyPayload, of entity: String, to state: inout State) throws {
    guard try appliers.apply(event, of: entity, to: &state) else {
      throw Mistake(
        "\(State.self) applies no event of type \(typeName(of: event.typeURL)): add it to the "
          + "behavior, even if it changes nothing")
    }
  }
}
