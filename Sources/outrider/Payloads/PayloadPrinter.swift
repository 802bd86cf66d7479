import EventModel
import JSON
import Payloads
import ProtobufJSON
import Wire

/// Shows payloads: type and size, and what is in them where that is described.
struct PayloadPrinter {
  let types: PayloadTypes
  /// Who is asked for types that are not known; nil: nobody.
  var client: Client?

  /// For people: `bank.AccountOpened {"owner":"Ann"}`, or `bank.AccountOpened, 5 bytes`.
  ///
  /// - Parameter domain: whose payload it is, where its schema may describe it.
  func text(_ payload: Payload, of domain: Name? = nil) async -> String {
    let name = Schema.typeName(ofURL: payload.typeURL)
    guard let json = await described(payload, of: domain) else {
      return "\(name), \(payload.value.count) bytes"
    }
    return "\(name) \(json.text)"
  }

  /// For scripts: the content as JSON where it is described, as Base64 elsewhere.
  func members(_ payload: Payload, of domain: Name? = nil) async -> [JSONValue.Member] {
    let type = JSONValue.Member("type", .string(payload.typeURL))
    let size = JSONValue.Member("size", .integer(payload.value.count))
    if let json = await described(payload, of: domain) {
      return [type, size, .init("payload", json)]
    }
    return [type, size, .init("value", .string(base64: payload.value))]
  }

  /// Nil where the type is not described, or the payload does not fit its description.
  private func described(_ payload: Payload, of domain: Name?) async -> JSONValue? {
    await types.json(payload, of: domain, from: client?.payloads)
  }
}
