import EventModel
import LibCrypto
import RPC
import Timing
import Wire

/// Creates, updates and finds entities, with calls to a command-handler and a query-handler.
///
/// Records events as facts, with the sequence number that the client's version stands for. Calls
/// no business logic: an Eventuate application contains its own.
struct EntityStore: Sendable {
  private static let record = Method(service: "evented.BusinessCoordinator", name: "Record")
  private static let getEvents = Method(service: "evented.EventQuery", name: "GetEvents")

  let calls: EventuateCalls
  /// The most bytes of a find's answer: a client takes the whole list, or nothing.
  var foundBytesMax = 64 << 20
  /// Called with the bytes that are additionally held for an answer.
  var hold: @Sendable (Int) async throws(EventuateFailure) -> Void = { _ in }
  var environment = Environment.live

  /// Creates an entity. Throws 409 `entity_exists` if the id is taken.
  ///
  /// A create with a token is idempotent: without an id, the id is derived from token and events.
  func create(_ request: CreateRequest) async throws(EventuateFailure) -> SavedEntity {
    let entity = try entity(of: request)
    let (saved, _) = try await save(
      StoredEvents.book(request.events, of: entity, from: .first, request.token), entity,
      precondition: .entityExists)
    return saved
  }

  /// Adds events to an entity. Throws 409: `optimistic_lock_error` if the entity is not at that
  /// version, `duplicate_event` if the token's event has already changed it.
  func update(_ request: UpdateRequest) async throws(EventuateFailure) -> SavedEntity {
    let book = StoredEvents.book(
      request.events, of: request.entity, from: request.expected, request.token)
    let (saved, alreadyHandled) = try await save(
      book, request.entity, precondition: .optimisticLock)
    if alreadyHandled { throw .duplicate(on: request.entity) }
    return saved
  }

  /// Finds an entity. Throws 409 `duplicate_event` if the token's event has already changed it.
  func find(
    _ entity: EntityName, _ token: TriggeringToken?
  ) async throws(EventuateFailure) -> FoundEntity {
    var found = FoundEntity(events: [])
    var byteCount = 0
    do {
      let call = try await calls.read(
        Self.getEvents, Evented.Query(cover: entity.cover).wireBytes, on: entity.type.domain)
      for try await message in call.responses {
        byteCount += message.count
        guard byteCount <= foundBytesMax else { throw EventuateFailure(tooLong(entity)) }
        try await hold(message.count)
        let book = try EventBook(wireBytes: message)
        if let token, book.commandID.bytewise == token.commandID.bytewise {
          throw EventuateFailure.duplicate(on: entity)
        }
        try await found.add(book, calls)
      }
    } catch let failure as EventuateFailure {
      throw failure
    } catch let status as RPCStatus {
      throw EventuateFailure(status)
    } catch {
      throw EventuateFailure(
        RPCStatus(.internal, "a query-handler's answer cannot be read: \(error)"))
    }
    return found
  }

  private func tooLong(_ entity: EntityName) -> RPCStatus {
    RPCStatus(
      .internal,
      "the events of \(entity.id) take more than \(foundBytesMax) bytes, which no answer holds")
  }

  private func save(
    _ book: ProposedBook, _ entity: EntityName, precondition: EventuateFailure.Conflict
  ) async throws(EventuateFailure) -> (SavedEntity, alreadyHandled: Bool) {
    let answer: Message
    do {
      answer = try await calls.command(Self.record, book.wireBytes, on: entity.type.domain)
    } catch { throw EventuateFailure(error, precondition: precondition) }
    guard let response = try? Evented.SynchronousProcessingResponse(wireBytes: answer),
      let position = response.position,
      let pages = response.books.first(where: { $0.cover == entity.cover })?.pages
    else {
      throw EventuateFailure(
        RPCStatus(.internal, "a command-handler's answer does not tell what was recorded"))
    }
    let saved = SavedEntity(
      entityID: entity.id, position: position,
      sequences: (pages.first.rawValue..<pages.next.rawValue).map { SequenceNumber($0) })
    return (saved, response.alreadyHandled)
  }

  private func entity(of request: CreateRequest) throws(EventuateFailure) -> EntityName {
    if let id = request.id { return try EntityName(request.type, id: id) }
    guard let token = request.token else {
      let now = environment.now()
      let milliseconds = now.seconds * 1000 + Int64(now.nanoseconds / 1_000_000)
      return EntityName(
        request.type,
        root: EventuateID(high: UInt64(clamping: milliseconds), low: environment.random()).root)
    }
    var bytes = Array(request.type.domain.utf8) + [0] + Array(token.commandID.utf8)
    for event in request.events {
      for text in [event.type, event.data] { bytes += [0] + Array(text.utf8) }
    }
    return EntityName(request.type, root: Root(LibCrypto.sha256(bytes).prefix(Root.byteCount))!)
  }
}

extension FoundEntity {
  fileprivate mutating func add(
    _ book: EventBook, _ calls: EventuateCalls
  ) async throws(EventuateFailure) {
    guard let position = book.position else {
      throw EventuateFailure(
        RPCStatus(.internal, "the query-handler is too old: it does not tell positions"))
    }
    let stored = try StoredEvents.events(in: book)
    for event in await stored.inJSON(of: book.cover.domain, by: calls) {
      events.append(Event(id: EventuateID(position, event.sequence), event: event))
    }
  }
}

extension EventuateFailure {
  fileprivate static func duplicate(on entity: EntityName) -> EventuateFailure {
    .conflict(.duplicateEvent, "the event of this token has changed entity \(entity.id) already")
  }
}
