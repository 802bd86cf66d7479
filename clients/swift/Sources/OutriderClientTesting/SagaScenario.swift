internal import EventModel
public import FoundationEssentials
public import OutriderClient

internal import enum Wire.Evented
internal import enum Wire.OutriderV1

/// Given inputs, when an input, then actions: tests a saga without a server.
///
///     try saga(Transfers.self).when(started)
///       .then(.send(WithdrawCash(cents: 5), to: payer, in: "bank"), .finish)
public func saga<Saga: OutriderClient.Saga>(
  _ type: Saga.Type, key: String = "key"
) -> SagaScenario<Saga> {
  SagaScenario(key: key)
}

/// An action of a saga.
public enum SagaAction {
  case send(any Payload, to: UUID, in: String)
  case setTimer(String, after: Duration)
  case cancelTimer(String)
  case finish
}

public struct SagaScenario<Saga: OutriderClient.Saga> {
  private let key: String
  private var state: Bytes?
  private var reaction = EventModel.SagaReaction()

  fileprivate init(key: String) { self.key = key }

  /// Earlier inputs of the instance.
  public func given(_ inputs: SagaInput...) throws -> Self {
    try inputs.reduce(self) { try $0.when($1) }
  }

  /// An earlier event.
  public func given(_ event: some Payload) throws -> Self { try when(event) }

  public func when(_ event: some Payload) throws -> Self { try when(.happened(event)) }

  public func when(_ input: SagaInput) throws -> Self {
    let request = OutriderV1.SagaInput(
      saga: Name("\(Saga.self)"), key: Name(key), state: state, input: try input.wire())
    var scenario = self
    scenario.reaction = try EventModel.SagaReaction(
      wireBytes: Saga.react(request.wireBytes), now: SagaInput.now)
    scenario.state = scenario.reaction.state ?? state
    return scenario
  }

  /// Checks all actions: commands, timers set, timers cancelled, the end. Throws `ScenarioFailure`
  /// if they differ.
  @discardableResult
  public func then(
    _ actions: SagaAction..., file: StaticString = #fileID, line: UInt = #line
  ) throws -> Self {
    let (found, expected) = (try reaction.shown(), try actions.map { try $0.shown() })
    guard found == expected else {
      throw ScenarioFailure("expected:\(shown(expected)); it is:\(shown(found))", file, line)
    }
    return self
  }

  /// Checks the instance's state.
  @discardableResult
  public func thenState(
    file: StaticString = #fileID, line: UInt = #line, _ holds: (Saga) throws -> Bool
  ) throws -> Self {
    let saga = try state.map { try Saga(stored: $0) } ?? Saga()
    guard try holds(saga) else {
      throw ScenarioFailure("the saga differs: \(saga)", file, line)
    }
    return self
  }
}

/// An action in comparable and printable form.
private struct ShownAction: Equatable, CustomStringConvertible {
  let description: String
  var command: AnyPayload?

  static func == (left: Self, right: Self) -> Bool {
    left.description == right.description && left.command == right.command
  }

  static func send(_ command: AnyPayload, to cover: Cover) -> Self {
    ShownAction(description: "send \(command) to \(cover)", command: command)
  }

  static func setTimer(_ name: String, _ duration: Duration) -> Self {
    ShownAction(description: "set timer \(name) after \(duration)")
  }

  static func cancelTimer(_ name: String) -> Self {
    ShownAction(description: "cancel timer \(name)")
  }

  static let finish = ShownAction(description: "finish")
}

extension SagaAction {
  fileprivate func shown() throws -> ShownAction {
    switch self {
    case .send(let command, let root, let domain):
      .send(try AnyPayload(command), to: Cover(domain: domain, root: root))
    case .setTimer(let name, let duration): .setTimer(name, duration)
    case .cancelTimer(let name): .cancelTimer(name)
    case .finish: .finish
    }
  }
}

extension EventModel.SagaReaction {
  fileprivate func shown() throws -> [ShownAction] {
    let sent = try commands.map { command in
      let book = try Evented.CommandBook(wireBytes: command.encoded)
      return ShownAction.send(try AnyPayload(any: book.pages[0].command), to: command.cover)
    }
    let set = timers.map {
      ShownAction.setTimer($0.name.text, $0.due.duration(since: SagaInput.now))
    }
    let cancelled = cancelledTimers.map { ShownAction.cancelTimer($0.text) }
    return sent + set + cancelled + (isFinished ? [.finish] : [])
  }
}
