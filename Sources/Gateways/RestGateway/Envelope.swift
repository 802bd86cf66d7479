import EventModel
import HTTP1
import JSON
import Wire

/// The content of one of Evento's envelopes.
struct Envelope {
  let cover: Cover
  let id: String
  let type: String
  let payload: JSONValue

  /// - Parameters:
  ///   - type: the member with the message's type.
  ///   - id: for an envelope without one.
  init(_ body: RequestBody, type: String, id: String) throws(HTTPFailure) {
    try body.requireObject(of: ["entity", type, "payload", "id"])
    let entity = try body.requiredText("entity")
    guard let colon = entity.firstIndex(of: ":") else {
      throw HTTPFailure(
        400, "\(body.path("entity")) must be DOMAIN:AGGREGATE, such as savings:12345-09")
    }
    cover = try RestRequest.cover(
      domain: RestRequest.name(body.path("entity"), String(entity[..<colon])),
      root: String(entity[entity.index(after: colon)...]))
    self.type = try body.requiredText(type)
    payload = try body.payload()
    self.id = try body.text("id", max: FieldLimits.commandIDByteCount) ?? id
  }

  /// The envelope as a command.
  var command: NewCommand {
    NewCommand(cover: cover, id: id, type: type, payload: payload, entity: nil, expected: nil)
  }
}
