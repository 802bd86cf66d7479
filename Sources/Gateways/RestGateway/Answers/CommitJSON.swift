import EventModel
import JSON
import Payloads
import Wire

/// Encodes events and related values as JSON.
struct CommitJSON: Sendable {
  let codec: PayloadCodec

  /// One event: number, time, entity, type and payload.
  func event(_ page: EventPage) async -> JSONValue {
    .object(page.members + (await codec.members(of: Payload(leniently: page))))
  }

  func events(_ book: EventBook) async -> JSONValue {
    var events: [JSONValue] = []
    for page in book.pages.pages { events.append(await event(page)) }
    return .array(events)
  }

  /// One event by itself, with all fields of its commit.
  func event(_ page: EventPage, of book: EventBook) async -> JSONValue {
    .object(
      (book.position?.members ?? []) + book.cover.members + page.members + book.originMembers
        + (await codec.members(of: Payload(leniently: page))))
  }

  /// The events of one commit, with their common fields.
  func commit(_ book: EventBook, at position: Position?) async -> JSONValue {
    .object(
      (position?.members ?? []) + book.cover.members + book.originMembers
        + [.init("events", await events(book))])
  }

  /// One entry of the log.
  func entry(_ entry: OutriderV1.LogEntry) async -> JSONValue {
    switch entry.content {
    case .commit(let book, _, _): await commit(book, at: entry.position)
    case .tombstone: .object(entry.position.members + [.init("tombstone", true)])
    }
  }

  /// - Parameter time: of its last change; nil if unknown.
  func projection(_ projection: Projection, updatedAt time: Timestamp? = nil) async -> JSONValue {
    var members = [JSONValue.Member("projector", .string(projection.projector.text))]
    members += projection.cover.members
    members.append(.init("sequence", .integer(projection.sequence.rawValue)))
    if let time { members.append(.init("updatedAt", .string(time.text))) }
    return .object(members + (await codec.members(of: Payload(leniently: projection.value))))
  }

  /// The result of a command.
  func answer(
    _ answer: Evented.SynchronousProcessingResponse, to cover: Cover, _ commandID: String
  ) async -> JSONValue {
    var own: JSONValue = []
    var others: [JSONValue] = []
    for (index, book) in answer.books.enumerated() {
      if index == 0, book.cover == cover {
        own = await events(book)
      } else {
        others.append(await commit(book, at: nil))
      }
    }
    var members = (answer.position?.members ?? []) + cover.members
    members += [
      .init("commandId", .string(commandID)), .init("alreadyHandled", .bool(answer.alreadyHandled)),
      .init("events", own),
    ]
    if !others.isEmpty { members.append(.init("others", .array(others))) }
    if !answer.projections.isEmpty {
      var projections: [JSONValue] = []
      for value in answer.projections { projections.append(await projection(value)) }
      members.append(.init("projections", .array(projections)))
    }
    if !answer.failures.isEmpty {
      members.append(
        .init(
          "failures",
          .array(
            answer.failures.map {
              ["processor": .string($0.processor.text), "message": .string($0.message)]
            })))
    }
    return .object(members)
  }

  /// The state of a dispatched command.
  func status(_ status: OutriderV1.CommandStatus) async -> JSONValue {
    var members = status.reference.members
    members.append(.init("dispatchedAt", .string(status.dispatchedAt.text)))
    for (name, time) in [
      ("notBefore", status.notBefore), ("expiresAt", status.expiresAt),
      ("endedAt", status.outcome.endedAt),
    ] {
      if let time { members.append(.init(name, .string(time.text))) }
    }
    members += status.outcome.end.members
    if let book = status.outcome.events { members.append(.init("events", await events(book))) }
    return .object(members)
  }
}
