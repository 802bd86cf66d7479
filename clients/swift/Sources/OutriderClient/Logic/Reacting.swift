internal import EventModel
internal import FoundationEssentials
internal import Wire

extension Saga {
  /// `outrider.v1.Saga/React`: the reaction to an input. Empty: the saga ignores it.
  package static func react(_ request: [UInt8]) throws -> [UInt8] {
    let given = try OutriderV1.SagaInput(wireBytes: request)
    var state = try given.state.map { try Self(stored: $0) } ?? Self()
    let before = try AnyPayload(state)
    var reaction = SagaReaction(key: given.key.text)
    switch given.input {
    case .events(let book):
      for (payload, event) in try book.events(subscription: given.saga.text) {
        try behavior.take(payload, event, &state, &reaction)
      }
    case .outcome(let ended):
      let book = try Evented.CommandBook(wireBytes: ended.encoded)
      // Each book of a reaction has one command.
      let command = try AnyPayload(any: book.pages[0].command)
      try behavior.take(command, Outcome(ended), &state, &reaction)
    case .timer(let timer): try behavior.take(timer: timer.name.text, &state, &reaction)
    }
    let after = try AnyPayload(state)
    if after != before { reaction.answer.state = after.any }
    return reaction.answer.wireBytes
  }
}

extension Outcome {
  fileprivate init(_ ended: SagaOutcome) throws {
    domain = ended.command.cover.domain.text
    root = UUID(bytes: ended.command.cover.root.bytes)
    events = try ended.events?.pages.pages.map { try AnyPayload(pageBody: $0.body) } ?? []
    refusal =
      switch ended.end {
      case .appended, .nothingToDo: nil
      case .refused(let code, let message): Refused(code, message)
      case .expired: Refused(.deadlineExceeded, "its time was up")
      case .cancelled: Refused(.cancelled, "it was taken back")
      }
  }
}
