internal import EventModel
public import FoundationEssentials
public import OutriderClient

internal import enum Wire.Evented
internal import enum Wire.OutriderV1

/// An input of a saga's instance in a scenario.
public enum SagaInput {
  /// An event of another aggregate.
  case happened(any Payload, domain: String = "domain", root: UUID = scenarioRoot)
  /// A command of the saga succeeded with these events; without any, the logic had nothing to do.
  case appended(
    any Payload, [any Payload], domain: String = "domain", root: UUID = scenarioRoot)
  /// A command of the saga was refused.
  case refused(
    any Payload, Code, String = "", domain: String = "domain", root: UUID = scenarioRoot)
  /// A timer fired.
  case fired(String)
}

extension SagaInput {
  /// The time of all inputs.
  static let now = Timestamp(seconds: 0)

  func wire() throws -> EventModel.SagaInput {
    switch self {
    case .happened(let event, let domain, let root):
      return .events(try book([event], Cover(domain: domain, root: root)))
    case .appended(let command, let events, let domain, let root):
      let cover = Cover(domain: domain, root: root)
      guard !events.isEmpty else { return try ended(command, cover, .nothingToDo) }
      let book = try book(events, cover)
      let end = CommandEnd.appended(EventSpan(book.pages), EventModel.Position(number: 1))
      return try ended(command, cover, end, book)
    case .refused(let command, let code, let message, let domain, let root):
      return try ended(
        command, Cover(domain: domain, root: root), .refused(code, message: message))
    case .fired(let name):
      return .timer(SagaTimer(name: Name(name), due: Self.now, setBy: .first, index: 0))
    }
  }

  private func book(_ events: [any Payload], _ cover: Cover) throws -> EventBook {
    EventBook(
      cover: cover, pages: try pages(of: events.map { ($0, "") }),
      position: EventModel.Position(number: 1))
  }

  private func ended(
    _ command: any Payload, _ cover: Cover, _ end: CommandEnd, _ events: EventBook? = nil
  ) throws -> EventModel.SagaInput {
    let book = Evented.CommandBook(
      cover: cover, pages: [Evented.CommandPage(command: try AnyPayload(command).any)],
      commandID: "command")
    return .outcome(
      SagaOutcome(
        of: PendingCommand(sequence: .first, index: 0, cover: cover, id: "command"),
        encoded: book.wireBytes, end: end, events: events, endedAt: Self.now))
  }
}
