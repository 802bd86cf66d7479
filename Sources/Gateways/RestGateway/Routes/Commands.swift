import Encodings
import EventModel
import HTTP1
import JSON
import Payloads
import RPC
import Timing
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
          .json(202, "It is stored, or published, and executed asynchronously.", .receipt)
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

/// A command for a command-handler.
struct NewCommand: Sendable {
  let cover: Cover
  let id: String
  let type: String
  let payload: JSONValue
  let entity: Name?
  let expected: SequenceNumber?

  /// Encodes the command, with its payload in the domain's form.
  func book(by codec: PayloadCodec) async throws -> Evented.CommandBook {
    let payload = try await codec.payload(type, payload)
    return Evented.CommandBook(
      cover: cover, pages: [Evented.CommandPage(payload, entity: entity)], commandID: id,
      expected: expected)
  }
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

  /// Executes the command now, and answers with its events.
  private func handle(_ command: NewCommand) async throws -> HTTPResponse {
    let options = try options()
    let codec = gateway.codec(of: command.cover.domain, for: options)
    let answer: Evented.SynchronousProcessingResponse = try await call(
      gateway.backends.commands(command.cover.domain), "evented.BusinessCoordinator", "Handle",
      try await command.book(by: codec), options)
    let shown = await shown(answer, to: command.cover, command.id, codec)
    return HTTPResponse(json: shown.json, shown.fields)
  }

  /// Dispatches the command for asynchronous execution: stored or published.
  func dispatch(_ command: NewCommand) async throws -> JSONValue {
    let options = try options()
    let codec = gateway.codec(of: command.cover.domain, for: options)
    let encoded = try await command.book(by: codec).wireBytes
    let request: OutriderV1.DispatchRequest
    do throws(WireError) {
      request = .init(DispatchedCommand(try Command(wireBytes: encoded)))
    } catch {
      throw HTTPFailure(400, "\(error)")
    }
    let backends = gateway.backends
    let receipt: OutriderV1.DispatchReceipt = try await call(
      backends.publisher ?? backends.commands(command.cover.domain), "outrider.v1.Commands",
      "Dispatch", request, options)
    return .object(
      receipt.reference.members + [
        .init("alreadyDispatched", .bool(receipt.alreadyDispatched)),
        .init("location", .string(Self.location(of: command))),
      ])
  }

  /// The answer for a command, or for recorded facts.
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

  /// The path of a dispatched command's state.
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

  /// The state of a command, at its end or after this wait. If an unknown command may have been
  /// published and not arrived yet, a failure 404 tells when to ask again.
  func standing(
    of reference: CommandReference, after wait: Duration?
  ) async throws -> OutriderV1.CommandStatus {
    do {
      if let wait, let end = try await end(of: reference, within: wait) { return end }
      return try await call(
        gateway.backends.commands(reference.cover.domain), "outrider.v1.Commands", "Get",
        reference, try options())
    } catch let status as RPCStatus where status.code == .notFound && mayBeOnItsWay {
      throw HTTPFailure(
        404, "\(status.message); if it was answered 202, it is on its way, so look again",
        fields: ["Retry-After": "1"])
    }
  }

  /// Whether an unknown command may have been published.
  private var mayBeOnItsWay: Bool { gateway.backends.publisher != nil }

  /// The outcome of a command; nil if it did not end within the time.
  private func end(
    of reference: CommandReference, within wait: Duration
  ) async throws -> OutriderV1.CommandStatus? {
    let environment = gateway.environment
    let deadline = environment.instant() + max(wait, .milliseconds(1))
    var waiting = try options()
    waiting.deadline = .after(deadline - environment.instant())
    var backoff = Backoff(from: .milliseconds(20), upTo: .milliseconds(500))
    while true {
      do {
        return try await call(
          gateway.backends.commands(reference.cover.domain), "outrider.v1.Commands", "Await",
          reference, waiting)
      } catch let status as RPCStatus where status.code == .deadlineExceeded {
        return nil
      } catch let status as RPCStatus where status.code == .notFound && mayBeOnItsWay {
        let pause = backoff.next(random: environment.random())
        guard environment.instant() + pause < deadline else { return nil }
        try await environment.sleep(pause)
      }
    }
  }
}

extension RequestBody {
  /// The member of the aggregate that it is for; nil: the root.
  func entity() throws(HTTPFailure) -> Name? {
    try text("entity", max: FieldLimits.entityByteCount).map { Name($0) }
  }
}
