import EventModel

/// The user's code that decides the reaction of a saga's instance to an input.
public protocol SagaLogic: Sendable {
  /// Requests a reaction. The answer is not checked yet.
  ///
  /// - Parameter state: the instance's last state, an `Any` in wire form; nil: it has none.
  func react(
    to input: SagaInput, of key: Name, state: Bytes?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> SagaReaction
}

/// Executes commands in the processes that serve their domains.
public protocol CommandSender: Sendable {
  /// Sends a command and waits for its end.
  ///
  /// Throws `LogicError.unavailable` or `.timedOut` if it may end later: the domain is not served
  /// yet, its command-handler or logic is unavailable, or other writers keep winning. Then the
  /// command may or may not have been executed; its id makes a retry safe.
  func send(
    _ command: OutgoingCommand, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> (end: CommandEnd, events: EventBook?)
}

/// A complete command, ready to send.
public struct OutgoingCommand: Equatable, Sendable {
  public var cover: Cover
  /// The whole `evented.CommandBook`.
  public var encoded: Bytes

  public init(cover: Cover, encoded: Bytes) {
    self.cover = cover
    self.encoded = encoded
  }
}

/// Encodes a saga's instances for storage, and its commands for sending.
public protocol SagaCodec: Sendable {
  /// Encodes a step as the body of a page.
  func page(of step: SagaStep) -> Bytes
  func step(in body: Bytes) throws -> SagaStep

  /// Encodes a state for a snapshot.
  func snapshot(of state: SagaState) -> Bytes
  func state(in snapshot: Bytes) throws -> SagaState

  /// Completes a command for sending.
  func command(
    _ command: SagaCommand, id: String, because cause: SagaCause
  ) -> OutgoingCommand

  /// The origin to store with a step or a command.
  func origin(because cause: SagaCause) -> Origin

  /// The number of steps of sagas in the chain of causes before the events.
  func depth(of origin: Origin) -> UInt32

  /// A header of the events; nil if they have none with this name.
  func header(_ name: Name, of origin: Origin) -> Name?
}

/// The cause of a saga's action.
public struct SagaCause: Sendable {
  public var event: EventReference
  /// The id of the command that led to the event.
  public var commandID: String?
  public var correlation: String
  /// The number of steps of sagas in the chain of causes before the event.
  public var depth: UInt32

  public init(
    event: EventReference, commandID: String?, correlation: String, depth: UInt32
  ) {
    self.event = event
    self.commandID = commandID
    self.correlation = correlation
    self.depth = depth
  }
}
