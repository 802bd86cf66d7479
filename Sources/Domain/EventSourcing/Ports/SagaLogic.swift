import EventModel

/// The team's own code: decides what an input of a saga's instance leads to.
public protocol SagaLogic: Sendable {
  /// Asks for a reaction. The answer is what the logic sent, not checked yet.
  ///
  /// - Parameter state: what the instance answered last, an `Any` in wire form; nil: it has none.
  func react(
    to input: SagaInput, of key: Name, state: Bytes?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> SagaReaction
}

/// Has commands carried out, wherever their domains are served.
public protocol CommandSender: Sendable {
  /// Sends a command and waits for its end.
  ///
  /// Throws `LogicError.unavailable` or `.timedOut` where it may end later: the domain is not
  /// served yet, its command-handler or logic is away, others keep being faster. Then it may or
  /// may not have been carried out, and its id makes it safe to send it again.
  func send(
    _ command: OutgoingCommand, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> (end: CommandEnd, events: EventBook?)
}

/// A command that is ready to be sent.
public struct OutgoingCommand: Equatable, Sendable {
  public var cover: Cover
  /// The whole `evented.CommandBook`.
  public var encoded: Bytes

  public init(cover: Cover, encoded: Bytes) {
    self.cover = cover
    self.encoded = encoded
  }
}

/// The bytes in which a saga's instances are stored, and its commands sent.
public protocol SagaCodec: Sendable {
  /// The body of a page that holds the step.
  func page(of step: SagaStep) -> Bytes
  func step(in body: Bytes) throws -> SagaStep

  /// The state of a snapshot.
  func snapshot(of state: SagaState) -> Bytes
  func state(in snapshot: Bytes) throws -> SagaState

  /// The command as it is sent.
  func command(
    _ command: SagaCommand, id: String, because cause: SagaCause
  ) -> OutgoingCommand

  /// What a step, or a command, is caused by, as it is stored.
  func origin(because cause: SagaCause) -> Origin

  /// How many steps of sagas lie before the events.
  func depth(of origin: Origin) -> UInt32

  /// A header of the events; nil where they have none of that name.
  func header(_ name: Name, of origin: Origin) -> Name?
}

/// Why a saga does something.
public struct SagaCause: Sendable {
  public var event: EventReference
  /// Of the command that led to the event.
  public var commandID: String?
  public var correlation: String
  /// How many steps of sagas lie before the event.
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
