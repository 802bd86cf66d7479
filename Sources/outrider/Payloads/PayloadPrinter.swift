import EventModel
import JSON
import Payloads
import ProtobufJSON
import Wire

/// Formats payloads: type and size, and the content if the type is described.
struct PayloadPrinter {
  let types: PayloadTypes
  /// Asked for unknown types; nil: no server is asked.
  var client: Client?

  /// For people: `bank.AccountOpened {"owner":"Ann"}`, or `bank.AccountOpened, 5 bytes`.
  ///
  /// - Parameter domain: the payload's domain, if its schema may describe the type.
  func text(_ payload: Payload, of domain: Name? = nil) async -> String {
    let name = Schema.typeName(ofURL: payload.typeURL)
    guard let json = await described(payload, of: domain) else {
      return "\(name), \(payload.value.count) bytes"
    }
    return "\(name) \(json.text)"
  }

  /// For scripts: the content as JSON if described, else in Base64.
  func members(_ payload: Payload, of domain: Name? = nil) async -> [JSONValue.Member] {
    let type = JSONValue.Member("type", .string(payload.typeURL))
    let size = JSONValue.Member("size", .integer(payload.value.count))
    if let json = await described(payload, of: domain) {
      return [type, size, .init("payload", json)]
    }
    return [type, size, .init("value", .string(base64: payload.value))]
  }

  /// Nil if the type is not described, or the payload does not fit its description.
  private func described(_ payload: Payload, of domain: Name?) async -> JSONValue? {
    await types.json(payload, of: domain, from: client?.payloads)
  }
}
