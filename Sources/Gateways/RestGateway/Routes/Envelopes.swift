import EventModel
import HTTP1
import JSON
import Wire

extension RestGateway {
  /// Operations on one envelope or several. Each envelope names its aggregate.
  var envelopeOperations: [Operation] {
    [
      .post(
        "/v1/commands", "Hand over commands, in Evento's envelopes.",
        [.idempotencyKey, .prefer, .requestTimeout], body: .commandEnvelopes,
        answers: [
          .json(202, "They are stored, or published, and executed asynchronously.", .receipts)
            .with("Location", "Where to see how the first one ends."),
          .json(200, "How they ended within the time that Prefer: wait allows."),
        ] + .failures
      ) { try await $0.takeCommands() },
      .post(
        "/v1/events", "Record events that happened, in Evento's envelopes.",
        [.idempotencyKey, .prefer, .requestTimeout], body: .eventEnvelopes,
        answers: [
          .json(202, "They are stored.").with("Location", "The first one's aggregate's events."),
          .json(200, "The events as they are stored, where Prefer says wait."),
        ] + .failures
      ) { try await $0.takeEvents() },
    ]
  }
}

extension RestRequest {
  private static let envelopesMax = 100

  /// The body's envelopes, and whether it is a single one without an array.
  private func envelopes(
    type: String
  ) throws(HTTPFailure) -> (all: [Envelope], isSingle: Bool) {
    let body = try RequestBody(of: http)
    let id = try commandID
    guard case .array(let elements) = body.value else {
      return ([try Envelope(body, type: type, id: id)], true)
    }
    guard (1...Self.envelopesMax).contains(elements.count) else {
      throw HTTPFailure(400, "the body must hold 1 to \(Self.envelopesMax) envelopes")
    }
    var envelopes: [Envelope] = []
    for (index, element) in elements.enumerated() {
      envelopes.append(
        try Envelope(RequestBody(element, at: "[\(index)]"), type: type, id: "\(id).\(index)"))
    }
    return (envelopes, false)
  }

  fileprivate func takeCommands() async throws -> HTTPResponse {
    let (envelopes, isSingle) = try envelopes(type: "command_type")
    let commands = envelopes.map(\.command)
    var receipts: [JSONValue] = []
    for command in commands { receipts.append(try await dispatch(command)) }
    if let wait = Preferences(http.fields["Prefer"]).wait,
      let ends = try await ends(of: commands, within: wait)
    {
      return HTTPResponse(
        json: isSingle ? ends[0] : .array(ends), ["Preference-Applied": "wait"])
    }
    return HTTPResponse(
      202, json: isSingle ? receipts[0] : .array(receipts),
      ["Location": Self.location(of: commands[0])])
  }

  /// The outcomes of the commands; nil if one did not end within the time.
  private func ends(
    of commands: [NewCommand], within time: Duration
  ) async throws -> [JSONValue]? {
    let deadline = gateway.environment.instant() + time
    var ends: [JSONValue] = []
    for command in commands {
      let left = deadline - gateway.environment.instant()
      let status: OutriderV1.CommandStatus
      do {
        status = try await standing(
          of: CommandReference(cover: command.cover, commandID: command.id), after: left)
      } catch let failure as HTTPFailure where failure.status == 404 {
        return nil  // It was published, and has not arrived yet.
      }
      guard status.outcome.end != nil else { return nil }
      let codec = gateway.codec(of: command.cover.domain, for: try options())
      ends.append(await CommitJSON(codec: codec).status(status))
    }
    return ends
  }

  fileprivate func takeEvents() async throws -> HTTPResponse {
    let (envelopes, isSingle) = try envelopes(type: "event_type")
    var answers: [JSONValue] = []
    for envelope in envelopes {
      let event = NewEvent(
        type: envelope.type, payload: envelope.payload, entity: nil, createdAt: nil)
      answers.append(
        try await record([event], of: envelope.cover, as: envelope.id, expected: nil).json)
    }
    let answer = isSingle ? answers[0] : JSONValue.array(answers)
    if Preferences(http.fields["Prefer"]).wait != nil {
      return HTTPResponse(json: answer, ["Preference-Applied": "wait"])
    }
    return HTTPResponse(
      202, json: answer, ["Location": Self.eventsLocation(of: envelopes[0].cover)])
  }
}
