import EventModel
import JSON
import Wire

extension Operation.Parameter {
  static let domain = name("domain", "The aggregate's domain.")
  static let root = Self(
    name: "root", place: .path,
    summary: """
      The aggregate: a UUID, or 32 hexadecimal digits; any other text is the name of a UUID of \
      version 5 in the namespace of object identifiers.
      """, schema: text(FieldLimits.rootNameByteCount))
  static let projector = name("projector", "The projector's name.")
  static let commandID = name("id", "The command's id, which is its Idempotency-Key.")
  static let partition = query(
    "partition", "Which part of a log that is split.", whole(0, Int(UInt32.max)))
  static let follow = query(
    "follow", "Whether server-sent events go on with what comes.",
    ["type": "string", "enum": ["true", "false", ""]])

  static let idempotencyKey = Self(
    name: "Idempotency-Key", place: .header,
    summary: """
      The command's id: it has effect once for its aggregate, however often it is sent. Without \
      it, each request gets a new one.
      """, schema: ["type": "string", "minLength": 1, "maxLength": 255])
  static let ifMatch = Self(
    name: "If-Match", place: .header,
    summary: "The number that the first new event must get, as an ETag: \"7\".",
    schema: ["type": "string", "pattern": "^\"[0-9]{1,9}\"$"])
  static let prefer = Self(
    name: "Prefer", place: .header,
    summary: "respond-async: answer when the command is stored. wait=N: N seconds for its end.",
    schema: ["type": "string"])
  static let requestTimeout = Self(
    name: "Request-Timeout", place: .header, summary: "Seconds until the request fails with 504.",
    schema: ["type": "string", "pattern": .string(Seconds.pattern)])

  /// - Parameter pattern: of the stream's ids.
  static func lastEventID(_ pattern: String) -> Self {
    Self(
      name: "Last-Event-ID", place: .header,
      summary: "The id of the last server-sent event that was seen; the next one follows it.",
      schema: ["type": "string", "pattern": .string(pattern)])
  }

  static func query(_ name: String, _ summary: String, _ schema: JSONValue) -> Self {
    Self(name: name, place: .query, summary: summary, schema: schema)
  }

  static func whole(_ minimum: Int, _ maximum: Int) -> JSONValue {
    [
      "type": "integer", "minimum": .integer(minimum), "maximum": .integer(maximum),
    ]
  }

  private static func name(_ name: String, _ summary: String) -> Self {
    Self(
      name: name, place: .path, summary: summary, schema: text(FieldLimits.domainByteCount))
  }

  /// The limit is in bytes; this bound, in characters, is necessary, not sufficient.
  private static func text(_ bytesMax: Int) -> JSONValue {
    ["type": "string", "minLength": 1, "maxLength": .integer(bytesMax)]
  }
}
