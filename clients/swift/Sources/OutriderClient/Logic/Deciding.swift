internal import EventModel
internal import Wire

// Answers the sidecars' calls for an aggregate, in either style.

extension EventModel.EventPage {
  fileprivate func apply<State: OutriderClient.Aggregate>(to state: inout State) throws {
    try State.behavior.apply(
      AnyPayload(pageBody: body), of: entity?.text ?? "", to: &state)
  }
}

extension PageBlock {
  /// Applies all events.
  func apply<State: OutriderClient.Aggregate>(to state: inout State) throws {
    for page in pages { try page.apply(to: &state) }
  }
}

extension OutriderClient.Aggregate {
  /// `evented.BusinessLogic/Handle`: the new events, and a snapshot if it is due.
  package static func decide(_ request: [UInt8]) throws -> [UInt8] {
    let given = try Evented.ContextualCommand(wireBytes: request)
    let past = given.aggregate
    var state = try past.snapshot.map { try Self(stored: $0.state) } ?? Self()
    try past.pages.apply(to: &state)
    let pages = try state.process(given.command)
    var answer = ProposedBook(cover: given.command.cover, pages: pages)
    if let interval = snapshotInterval, !pages.isEmpty, past.pages.count + pages.count >= interval,
      let last = past.next.advanced(by: pages.count - 1)
    {
      answer.snapshot = Snapshot(sequence: last, state: try AnyPayload(state).any)
    }
    return answer.wireBytes
  }

  /// `outrider.v1.Entity/Handle`: the new events.
  package static func handle(_ request: [UInt8]) throws -> [UInt8] {
    let given = try OutriderV1.HandleRequest(wireBytes: request)
    var state = try Self(kept: given.state)
    return OutriderV1.HandleResponse(pages: try state.process(given.command)).wireBytes
  }

  /// `outrider.v1.Entity/Apply`: the state after the events.
  package static func apply(_ request: [UInt8]) throws -> [UInt8] {
    let given = try OutriderV1.ApplyRequest(wireBytes: request)
    var state = try Self(kept: given.state)
    try given.events.pages.apply(to: &state)
    let root = try AnyPayload(state).any
    return OutriderV1.ApplyResponse(state: OutriderV1.AggregateState(root: root)).wireBytes
  }

  /// Decides a command book, and applies the new events.
  private mutating func process(_ command: Command) throws -> [ProposedPage] {
    let book = try Evented.CommandBook(wireBytes: command.encoded)
    return try book.pages.flatMap { page in
      let entity = page.entity?.text ?? ""
      let events = try Self.behavior.process(
        AnyPayload(any: page.command), for: entity, on: &self)
      return events.map {
        ProposedPage(synchronous: page.synchronous, body: $0.pageBody(entity: entity))
      }
    }
  }

  /// - Parameter kept: the state that Outrider stores; nil: none yet.
  private init(kept: [UInt8]?) throws {
    guard let kept else {
      self.init()
      return
    }
    let state = try OutriderV1.AggregateState(wireBytes: kept)
    // Another program made them; an answer without them would delete them.
    guard state.members.isEmpty else {
      throw Mistake(
        "the state has \(state.members.count) members, and \(Self.self) keeps none: its entities "
          + "belong into its own value")
    }
    self = try state.root.map { try Self(stored: $0) } ?? Self()
  }
}

extension Payload {
  /// Decodes a state from an earlier answer of this type, an `Any` in wire form.
  package init(stored any: [UInt8]) throws {
    let payload = try AnyPayload(any: any)
    guard let state = try payload.as(Self.self) else {
      throw Mistake("the stored state is a \(payload.typeURL), and the program has \(Self.typeURL)")
    }
    self = state
  }
}
