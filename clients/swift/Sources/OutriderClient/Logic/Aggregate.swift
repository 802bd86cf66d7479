/// An aggregate: a command goes in, events come out, and events make the state.
///
/// The value is the state of one aggregate, made of its past. It can be stored as a snapshot, so it
/// is a payload itself. `behavior` says what it does:
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
  /// An aggregate without a past.
  init()

  /// Its commands and events. Make it a `static let`.
  static var behavior: AggregateBehavior<Self> { get }

  /// After how many events a snapshot is stored; nil, the default: never. In the function style
  /// Outrider sees to that.
  static var snapshotInterval: Int? { get }
}

extension Aggregate {
  public typealias Behavior = AggregateBehavior<Self>

  public static var snapshotInterval: Int? { nil }
}

/// What an aggregate makes of its commands and events.
public struct AggregateBehavior<State: Aggregate>: Sendable {
  typealias Process = @Sendable (State, AnyPayload, String) throws -> [any Payload]

  private var processes: [Substring: Process] = [:]
  private var appliers = Appliers<State>()

  public init() {}

  /// Decides a command: returns the events that it leads to, none where nothing is to happen, or
  /// throws `Refused`. It has no other effect, and may be asked again for the same command.
  public func process<Command: Payload>(
    _ type: Command.Type,
    _ decide: @escaping @Sendable (State, Command) throws -> [any Payload]
  ) -> Self {
    process(type) { state, command, _ in try decide(state, command) }
  }

  /// The same, of the entity inside the aggregate that the command is for, `type:id`; empty: the
  /// aggregate itself.
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

  /// Changes the state as an event says. It cannot fail: the event has happened. Every event that
  /// the aggregate has needs one, also one that changes nothing.
  public func apply<Event: Payload>(
    _ type: Event.Type, _ apply: @escaping @Sendable (inout State, Event) -> Void
  ) -> Self {
    self.apply(type) { state, event, _ in apply(&state, event) }
  }

  /// The same, of an event that happened to an entity inside the aggregate.
  public func apply<Event: Payload>(
    _ type: Event.Type,
    _ apply: @escaping @Sendable (inout State, Event, _ entity: String) -> Void
  ) -> Self {
    var behavior = self
    behavior.appliers.add(type, apply)
    return behavior
  }

  /// The events that a command leads to, applied. Throws `Refused`.
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

  /// Throws `Mistake` where nobody applies the event.
  func apply(_ event: AnyPayload, of entity: String, to state: inout State) throws {
    guard try appliers.apply(event, of: entity, to: &state) else {
      throw Mistake(
        "\(State.self) applies no event of type \(typeName(of: event.typeURL)): add it to the "
          + "behavior, even if it changes nothing")
    }
  }
}
