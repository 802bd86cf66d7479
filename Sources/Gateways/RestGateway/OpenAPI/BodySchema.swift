import JSON

/// The shape of a body, with its name in the description.
struct BodySchema: Sendable {
  let name: String
  let definition: JSONValue

  var reference: JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }
}

extension BodySchema {
  static let all: [BodySchema] = [
    .payload, .newCommand, .newEvents, .commandEnvelopes, .eventEnvelopes, .event, .commit,
    .answer, .events, .projection, .commandStatus, .receipt, .receipts, .log, .problem,
  ]

  static let payload = BodySchema(
    name: "Payload",
    definition: [
      "description": """
      The message's content: protobuf's JSON where the type is described, any JSON elsewhere. \
      {"@type", "value"} holds the bytes, in Base64, of a type that nothing describes.
      """
    ])

  static let newCommand = object(
    "NewCommand", ["type": name, "payload": payload.reference, "entity": entity],
    required: ["type"], isClosed: true)

  private static let newEvent: JSONValue = closed(
    ["type": name, "payload": payload.reference, "entity": entity, "createdAt": time],
    required: ["type"])

  static let newEvents = BodySchema(
    name: "NewEvents",
    definition: [
      "anyOf": [
        newEvent,
        closed(["events": list(newEvent, max: 1000)], required: ["events"]),
      ]
    ])

  static let commandEnvelopes = envelopes("CommandEnvelopes", type: "command_type")
  static let eventEnvelopes = envelopes("EventEnvelopes", type: "event_type")

  static let event = object(
    "Event",
    [
      "sequence": whole, "createdAt": text, "entity": text, "type": text,
      "payload": payload.reference,
    ], required: ["sequence", "createdAt", "type", "payload"])

  static let commit = object(
    "Commit", commitMembers, required: ["domain", "root", "events"])

  static let answer = object(
    "CommandAnswer",
    commitMembers.merging([
      "alreadyHandled": ["type": "boolean"], "others": list(commit.reference),
      "projections": list(projection.reference),
      "failures": list(["type": "object"]),
    ]) { $1 }, required: ["domain", "root", "commandId", "alreadyHandled", "events"])

  static let events = object(
    "Events",
    ["events": list(event.reference), "nextSequence": whole, "complete": ["type": "boolean"]],
    required: ["events", "complete"])

  static let projection = object(
    "Projection",
    [
      "projector": text, "domain": text, "root": text, "sequence": whole, "updatedAt": text,
      "type": text, "payload": payload.reference,
    ], required: ["projector", "domain", "root", "sequence", "type", "payload"])

  static let commandStatus = object(
    "CommandStatus",
    [
      "domain": text, "root": text, "commandId": text, "dispatchedAt": text, "endedAt": text,
      "end": [
        "enum": ["APPENDED", "NOTHING_TO_DO", "REFUSED", "EXPIRED", "CANCELLED", .null]
      ], "statusCode": whole, "message": text, "events": list(event.reference),
    ], required: ["domain", "root", "commandId", "end"])

  static let receipt = object(
    "Receipt",
    [
      "domain": text, "root": text, "commandId": text, "location": text,
      "alreadyDispatched": ["type": "boolean"],
    ], required: ["domain", "root", "commandId", "location"])

  static let receipts = BodySchema(
    name: "Receipts",
    definition: ["anyOf": [receipt.reference, list(receipt.reference)]])

  static let log = BodySchema(
    name: "Log",
    definition: list([
      "type": "object", "required": ["partition", "position"],
      "properties": ["partition": whole, "position": whole, "tombstone": ["type": "boolean"]],
    ]))

  static let problem = object(
    "Problem",
    [
      "type": text, "title": text, "status": whole, "detail": text, "code": text,
    ], required: ["type", "title", "status", "detail"])

  private static let commitMembers: [String: JSONValue] = [
    "partition": whole, "position": whole, "domain": text, "root": text, "commandId": text,
    "correlation": text, "cause": ["type": "object"], "headers": ["type": "object"],
    "events": list(event.reference),
  ]

  private static let text: JSONValue = ["type": "string"]
  private static let time: JSONValue = ["type": "string", "format": "date-time"]
  private static let whole: JSONValue = ["type": "integer", "minimum": 0]
  private static let name: JSONValue = [
    "type": "string", "maxLength": .number("\(TypeName.characterCountMax)"),
    "pattern": .string(TypeName.pattern),
  ]
  private static let entity: JSONValue = [
    "type": "string", "pattern": "^[a-z]{1,20}:[a-z0-9]{1,20}$",
  ]

  private static func envelopes(_ title: String, type: String) -> BodySchema {
    let envelope = closed(
      [
        "entity": ["type": "string", "pattern": "^[a-z]{1,20}:[A-Za-z0-9-]{1,40}$"], type: name,
        "payload": payload.reference, "id": ["type": "string", "minLength": 1, "maxLength": 60],
      ], required: ["entity", type])
    return BodySchema(
      name: title, definition: ["anyOf": [envelope, list(envelope, max: 100)]])
  }

  private static func object(
    _ title: String, _ properties: [String: JSONValue], required: [String], isClosed: Bool = false
  ) -> BodySchema {
    BodySchema(name: title, definition: object(properties, required, isClosed: isClosed))
  }

  private static func closed(
    _ properties: [String: JSONValue], required: [String]
  ) -> JSONValue {
    object(properties, required, isClosed: true)
  }

  private static func object(
    _ properties: [String: JSONValue], _ required: [String], isClosed: Bool
  ) -> JSONValue {
    let sorted = properties.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, $0.value) }
    var members: [JSONValue.Member] = [
      .init("type", "object"), .init("properties", .object(sorted)),
      .init("required", .array(required.map { .string($0) })),
    ]
    if isClosed { members.append(.init("additionalProperties", false)) }
    return .object(members)
  }

  private static func list(_ element: JSONValue, max: Int? = nil) -> JSONValue {
    guard let max else { return ["type": "array", "items": element] }
    return ["type": "array", "items": element, "minItems": 1, "maxItems": .integer(max)]
  }
}
