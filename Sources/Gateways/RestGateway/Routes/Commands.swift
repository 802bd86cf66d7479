import Encodings
import EventModel
import HTTP1
import JSON
import Payloads
import RPC
import Wire

extension RestGateway {
  static let commandsPath = "/v1/domains/{domain}/aggregates/{root}/commands"

  var commandOperations: [Operation] {
    [
      .post(
        Self.commandsPath, "Have the aggregate decide on a command.",
        [.domain, .root, .idempotencyKey, .ifMatch, .prefer, .requestTimeout],
        body: .newCommand,
        answers: [
          .json(200, "The events that it led to.", .answer)
            .with("ETag", "The number of the aggregate's next event."),
          .json(202, "It is stored, and carried out by and by.", .receipt)
            .with("Location", "Where to see how it ends."),
        ] + .failures
      ) { try await $0.sendCommand() },
      .get(
        Self.commandsPath + "/{id}", "See how a command stands that was answered with 202.",
        [
          .domain, .root, .commandID,
          .query(
            "wait", "Wait so many seconds for its end.",
            ["type": "string", "pattern": .string(Seconds.pattern)]),
          .requestTimeout,
        ],
        answers: [.json(200, "How it stands, and how it ended.", .commandStatus)] + .failures
      ) { try await $0.showCommand() },
    ]
  }
}

/// A command on its way to a command-handler.
struct NewCommand: Sendable {
  let cover: Cover
  let id: String
  let type: String
  let payload: JSONValue
  let entity: Name?
  let expected: SequenceNumber?
}

extension RestRequest {
  fileprivate func sendCommand() async throws -> HTTPResponse {
    let body = try RequestBody(of: http)
    try body.requireObject(of: ["type", "payload", "entity"])
    let command = NewCommand(
      cover: try cover, id: try commandID, type: try body.requiredText("type"),
      payload: try body.payload(), entity: try body.entity(), expected: try expected)
    let preferences = Preferences(http.fields["Prefer"])
    if preferences.isAsync {
      let receipt = try await dispatch(command)
      return HTTPResponse(
        202, json: receipt,
        ["Location": Self.location(of: command), "Preference-Applied": "respond-async"])
    }
    return try await handle(command)
  }

  /// Has it decided at once, and shows its events.
  private func handle(_ command: NewCommand) async throws -> HTTPResponse {
    let options = try options()
    let codec = gateway.codec(of: command.cover.domain, for: options)
    let answer: Evented.SynchronousProcessingResponse = try await call(
      gateway.backends.commands(command.cover.domain), "evented.BusinessCoordinator", "Handle",
      try await book(command, codec), options)
    let shown = await shown(answer, to: command.cover, command.id, codec)
    return HTTPResponse(json: shown.json, shown.fields)
  }

  /// Has it stored, to be carried out by and by.
  func dispatch(_ command: NewCommand) async throws -> JSONValue {
    let options = try options()
    let codec = gateway.codec(of: command.cover.domain, for: options)
    let encoded = try await book(command, codec).wireBytes
    let request: OutriderV1.DispatchRequest
    do throws(WireError) {
      request = .init(DispatchedCommand(try Command(wireBytes: encoded)))
    } catch {
      throw HTTPFailure(400, "\(error)")
    }
    let receipt: OutriderV1.DispatchReceipt = try await call(
      gateway.backends.commands(command.cover.domain), "outrider.v1.Commands", "Dispatch", request,
      options)
    return .object(
      receipt.reference.members + [
        .init("alreadyDispatched", .bool(receipt.alreadyDispatched)),
        .init("location", .string(Self.location(of: command))),
      ])
  }

  private func book(
    _ command: NewCommand, _ codec: PayloadCodec
  ) async throws -> Evented.CommandBook {
    let payload = try await codec.payload(command.type, command.payload)
    return Evented.CommandBook(
      cover: command.cover,
      pages: [Evented.CommandPage(payload, entity: command.entity)],
      commandID: command.id, expected: command.expected)
  }

  /// What a command, or a record of facts, came to.
  func shown(
    _ answer: Evented.SynchronousProcessingResponse, to cover: Cover, _ id: String,
    _ codec: PayloadCodec
  ) async -> (json: JSONValue, fields: HTTPFields) {
    var fields: HTTPFields = [:]
    if let book = answer.books.first, book.cover == cover {
      fields.set("ETag", "\"\(book.pages.next)\"")
    }
    return (await CommitJSON(codec: codec).answer(answer, to: cover, id), fields)
  }

  /// Where to see how a dispatched command ends.
  static func location(of command: NewCommand) -> String {
    let (domain, root) = (command.cover.domain, command.cover.root)
    return "/v1/domains/\(URIEncoding.encode(domain.utf8))/aggregates/\(root)"
      + "/commands/\(URIEncoding.encode(command.id.utf8))"
  }

  fileprivate func showCommand() async throws -> HTTPResponse {
    let cover = try cover
    let id = http.parameters["id"] ?? ""
    guard (1...FieldLimits.commandIDByteCount).contains(id.utf8.count) else {
      throw HTTPFailure(400, "a command's id has 1 to \(FieldLimits.commandIDByteCount) bytes")
    }
    let wait = try waitTime
    let reference = CommandReference(cover: cover, commandID: id)
    let status = try await standing(of: reference, after: wait)
    let codec = gateway.codec(of: cover.domain, for: try options())
    return HTTPResponse(json: await CommitJSON(codec: codec).status(status))
  }

  private var waitTime: Duration? {
    get throws(HTTPFailure) {
      guard let text = try http.target.value("wait") else { return nil }
      guard let seconds = Seconds(text) else {
        throw HTTPFailure(400, "wait must be a number of seconds, such as 5s")
      }
      return seconds.duration
    }
  }

  /// How a command stands, at its end or after so long.
  func standing(
    of reference: CommandReference, after wait: Duration?
  ) async throws -> OutriderV1.CommandStatus {
    let channel = gateway.backends.commands(reference.cover.domain)
    if let wait {
      var waiting = try options()
      waiting.deadline = .after(max(wait, .milliseconds(1)))
      do {
        return try await call(channel, "outrider.v1.Commands", "Await", reference, waiting)
      } catch let status as RPCStatus where status.code == .deadlineExceeded {}
    }
    return try await call(channel, "outrider.v1.Commands", "Get", reference, try options())
  }
}

extension RequestBody {
  /// Which member of the aggregate it is for; nil: the root.
  func entity() throws(HTTPFailure) -> Name? {
    try text("entity", max: FieldLimits.entityByteCount).map { Name($0) }
  }
}
