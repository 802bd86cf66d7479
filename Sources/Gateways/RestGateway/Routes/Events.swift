import Encodings
import EventModel
import HTTP1
import JSON
import Payloads
import RPC
import Wire

extension RestGateway {
  static let eventsPath = "/v1/domains/{domain}/aggregates/{root}/events"

  var eventOperations: [Operation] {
    [
      .get(
        Self.eventsPath,
        """
        Read the aggregate's events, or follow them as server-sent events where \
        Accept says text/event-stream.
        """,
        [
          .domain, .root,
          .query(
            "from", "The number of the first event wanted.", .whole(upTo: Int(UInt32.max))),
          .query(
            "limit", "The most events to answer.", Operation.Parameter.whole(1, eventsMax)),
          .follow, .lastEventID("^([0-9]{1,10})?$"), .requestTimeout,
        ],
        answers: [
          .json(200, "The events.", .events)
            .with("ETag", "The number of the aggregate's next event; with the last page only.")
            .with("Link", "The next page."),
          .events("One event each, whose id is its number."), .problem(406),
        ] + .failures
      ) { try await $0.showEvents() },
      .post(
        Self.eventsPath, "Record events that happened, without asking the logic.",
        [.domain, .root, .idempotencyKey, .ifMatch, .requestTimeout], body: .newEvents,
        answers: [
          .json(200, "The events as they are stored.", .answer)
            .with("ETag", "The number of the aggregate's next event.")
        ] + .failures
      ) { try await $0.recordEvents() },
    ]
  }

  /// The most events in one answer.
  var eventsMax: Int { 10_000 }
}

/// A fact to record.
struct NewEvent: Sendable {
  let type: String
  let payload: JSONValue
  let entity: Name?
  /// The time of the event; nil: now.
  let createdAt: Timestamp?
}

extension RestRequest {
  // MARK: Reading

  fileprivate func showEvents() async throws -> HTTPResponse {
    let cover = try cover
    let from = try lastSequence ?? SequenceNumber(try number("from", 0...UInt32.max) ?? 0)
    let limit = try number("limit", 1...gateway.eventsMax) ?? 1000
    let follows = try flag("follow") ?? true
    switch MediaType.preferred(http.fields["Accept"], of: [MediaType.json, MediaType.events]) {
    case MediaType.json?: return try await page(of: cover, from: from, limit: limit)
    case MediaType.events?:
      return try await followEvents(of: cover, from: from, follows: follows)
    default:
      throw HTTPFailure(406, "events come as \(MediaType.json) or \(MediaType.events)")
    }
  }

  private func page(
    of cover: Cover, from: SequenceNumber, limit: Int
  ) async throws -> HTTPResponse {
    let options = try options()
    let shown = CommitJSON(codec: gateway.codec(of: cover.domain, for: options))
    let query = Evented.Query(
      cover: cover, lower: from, upper: from.advanced(by: limit + 1))
    let call = try await stream(
      gateway.backends.queries(cover.domain), "evented.EventQuery", "GetEvents", query, options)
    var events: [JSONValue] = []
    var next = from
    var byteCount = 0
    var isComplete = true
    reading: for try await message in call.responses {
      let book: EventBook = try Self.decoded(message)
      for page in book.pages.pages {
        guard events.count < limit, byteCount < gateway.settings.pageBytesMax else {
          isComplete = false
          break reading
        }
        byteCount += page.body.count
        try await http.hold(2 * page.body.count)
        events.append(await shown.event(page, of: book))
        next = page.sequence.advanced(by: 1) ?? page.sequence
      }
    }
    var members: [JSONValue.Member] = [.init("events", .array(events))]
    var fields: HTTPFields = [:]
    // An empty answer from beyond the last event does not show the next number.
    if !events.isEmpty || from == .first {
      members.append(.init("nextSequence", .integer(next.rawValue)))
      if isComplete { fields.set("ETag", "\"\(next)\"") }
    }
    members.append(.init("complete", .bool(isComplete)))
    if !isComplete {
      let path = Self.eventsLocation(of: cover)
      fields.set("Link", "<\(path)?from=\(next)&limit=\(limit)>; rel=\"next\"")
    }
    return HTTPResponse(json: .object(members), fields)
  }

  static func eventsLocation(of cover: Cover) -> String {
    "/v1/domains/\(URIEncoding.encode(cover.domain.utf8))/aggregates/\(cover.root)/events"
  }

  // MARK: Recording

  fileprivate func recordEvents() async throws -> HTTPResponse {
    let body = try RequestBody(of: http)
    let elements: [RequestBody]
    if body.value["events"] != nil {
      try body.requireObject(of: ["events"])
      elements = try body.elements("events", max: 1000) ?? []
    } else {
      elements = [body]
    }
    var events: [NewEvent] = []
    for element in elements {
      try element.requireObject(of: ["type", "payload", "entity", "createdAt"])
      events.append(
        NewEvent(
          type: try element.requiredText("type"), payload: try element.payload(),
          entity: try element.entity(), createdAt: try element.time("createdAt")))
    }
    let shown = try await record(
      events, of: try cover, as: try commandID, expected: try expected)
    return HTTPResponse(json: shown.json, shown.fields)
  }

  /// Stores facts as one commit, and answers with them.
  func record(
    _ events: [NewEvent], of cover: Cover, as id: String, expected: SequenceNumber?
  ) async throws -> (json: JSONValue, fields: HTTPFields) {
    let options = try options()
    let codec = gateway.codec(of: cover.domain, for: options)
    var pages: [ProposedPage] = []
    for event in events {
      let payload = try await codec.payload(event.type, event.payload)
      pages.append(
        ProposedPage(createdAt: event.createdAt, body: payload.pageBody(of: event.entity)))
    }
    let book = ProposedBook(cover: cover, pages: pages, commandID: id, expected: expected)
    let answer: Evented.SynchronousProcessingResponse = try await call(
      gateway.backends.commands(cover.domain), "evented.BusinessCoordinator", "Record", book,
      options)
    return await shown(answer, to: cover, id, codec)
  }
}

extension RequestBody {
  /// A time in RFC 3339; nil if it is missing.
  fileprivate func time(_ name: String) throws(HTTPFailure) -> Timestamp? {
    guard let text = try text(name, max: 64) else { return nil }
    guard let time = RFC3339(text) else {
      throw HTTPFailure(400, "\(path(name)) must be a time such as 2026-03-01T09:00:00Z")
    }
    return Timestamp(seconds: time.seconds, nanoseconds: time.nanoseconds)
  }
}

extension JSONValue {
  /// The schema of a whole number from 0.
  fileprivate static func whole(upTo maximum: Int) -> JSONValue {
    Operation.Parameter.whole(0, maximum)
  }
}
