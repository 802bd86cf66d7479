internal import EventModel
public import OutriderClient

internal import enum Wire.Evented
internal import enum Wire.OutriderV1

/// Given events, when a command, then events: tests an aggregate without a server.
///
///     try aggregate(Account.self).given(AccountOpened(owner: "Ann"), DepositReceived(cents: 5))
///       .when(WithdrawCash(cents: 3)).then(CashWithdrawn(cents: 3))
///
/// Inputs and outputs are encoded as on the wire, in memory. Both styles are tested, with the past
/// event by event and all at once.
public func aggregate<Aggregate: OutriderClient.Aggregate>(
  _ type: Aggregate.Type
) -> AggregateScenario<Aggregate> {
  AggregateScenario()
}

public struct AggregateScenario<Aggregate: OutriderClient.Aggregate> {
  private static var cover: Cover { Cover(domain: "domain", root: scenarioRoot) }

  private var past: [(event: any Payload, entity: String)] = []
  private var commands: [(command: any Payload, entity: String)] = []

  fileprivate init() {}

  /// Events of the aggregate's past; `entity`: the entity inside it that they happened to.
  public func given(_ events: any Payload..., entity: String = "") -> Self {
    var scenario = self
    scenario.past += events.map { ($0, entity) }
    return scenario
  }

  /// Commands decided together; `entity`: the entity inside that handles them.
  public func when(_ commands: any Payload..., entity: String = "") -> Self {
    var scenario = self
    scenario.commands += commands.map { ($0, entity) }
    return scenario
  }

  /// Checks the new events; no arguments: there are none. Throws `ScenarioFailure` if they differ,
  /// and the errors of the aggregate.
  @discardableResult
  public func then(
    _ events: any Payload..., file: StaticString = #fileID, line: UInt = #line
  ) throws -> Self {
    try expect(payloads(decided(file, line)), toBe: events, file, line)
    return self
  }

  /// Checks the refusal; any message matches unless one is given.
  @discardableResult
  public func thenRefused(
    _ code: Code, _ message: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) throws -> Self {
    let events: [AnyPayload]
    do { events = try payloads(decided(file, line)) } catch let refusal as Refused {
      guard refusal.code == code, message == nil || message == refusal.message else {
        let expected = message.map { "\(code): \($0)" } ?? "\(code)"
        throw ScenarioFailure("expected \(expected); it is \(refusal)", file, line)
      }
      return self
    }
    throw ScenarioFailure("expected \(code); it is:\(shown(events))", file, line)
  }

  /// Checks the aggregate's final state.
  @discardableResult
  public func thenState(
    file: StaticString = #fileID, line: UInt = #line, _ holds: (Aggregate) throws -> Bool
  ) throws -> Self {
    var past = try pages(of: past)
    for page in try decided(file, line) {
      past.append(
        EventPage(sequence: past.next, createdAt: Timestamp(seconds: 0), body: page.body))
    }
    let state = try Self.folded(past).map { try Aggregate(stored: $0) } ?? Aggregate()
    guard try holds(state) else {
      throw ScenarioFailure("the aggregate differs: \(state)", file, line)
    }
    return self
  }

  /// The new events, the same in both styles.
  private func decided(_ file: StaticString, _ line: UInt) throws -> [ProposedPage] {
    guard !commands.isEmpty else { return [] }
    let past = try pages(of: past)
    let book = Evented.CommandBook(
      cover: Self.cover,
      pages: try commands.map {
        Evented.CommandPage(
          command: try AnyPayload($0.command).any,
          entity: $0.entity.isEmpty ? nil : Name($0.entity))
      })
    let command = try Command(wireBytes: book.wireBytes)
    let state = try functionState(after: past, file, line)
    let request = OutriderV1.HandleRequest(command, state: state, next: past.next)
    let aggregate = EventModel.Aggregate(cover: Self.cover, snapshot: nil, pages: past)
    let whole = try Aggregate.decide(Evented.ContextualCommand(command, on: aggregate).wireBytes)
    let decided = try ProposedBook(wireBytes: whole).pages
    let handled = try OutriderV1.HandleResponse(wireBytes: Aggregate.handle(request.wireBytes))
    guard try payloads(decided) == payloads(handled.pages) else {
      throw ScenarioFailure("the two styles do not decide the same", file, line)
    }
    return decided
  }

  /// Folds the past with `Apply`, event by event and all at once.
  private func functionState(
    after past: PageBlock, _ file: StaticString, _ line: UInt
  ) throws -> Bytes? {
    guard !past.isEmpty else { return nil }
    var state: Bytes?
    for page in past.split(bySize: 1) { state = try Self.applied(page, to: state) }
    guard let state, try state == Self.applied(past, to: nil) else {
      throw ScenarioFailure("the state differs, event by event and all at once", file, line)
    }
    return state
  }

  /// The state after events, an `Any` in wire form; nil without events.
  private static func folded(_ pages: PageBlock) throws -> Bytes? {
    guard !pages.isEmpty else { return nil }
    return try OutriderV1.AggregateState(wireBytes: applied(pages, to: nil)).root
  }

  private static func applied(_ pages: PageBlock, to state: Bytes?) throws -> Bytes {
    let request = OutriderV1.ApplyRequest(EventBook(cover: cover, pages: pages), state: state)
    return try OutriderV1.ApplyResponse(wireBytes: Aggregate.apply(request.wireBytes))
      .state.wireBytes
  }

  private func payloads(_ pages: [ProposedPage]) throws -> [AnyPayload] {
    try pages.map { try AnyPayload(pageBody: $0.body) }
  }
}
