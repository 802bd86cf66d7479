import Encodings
import EventModel
import HTTP1
import JSON
import Payloads
import ProtobufJSON
import RPC
import Sidecars
import Wire

/// Converts JSON to the payloads of one domain and back: Avro if the domain has an Avro schema,
/// protobuf if the type is described, else JSON.
struct PayloadCodec: Sendable {
  let domain: Name
  let types: PayloadTypes
  let server: PayloadServer

  /// Encodes a payload of this message name, `bank.OpenAccount`, or type URL. JSON of an unknown
  /// type stays JSON; `{"@type": …, "value": …}` holds any bytes, in Base64.
  ///
  /// Throws a failure 400 if the type is not a valid name, or the JSON does not match it.
  func payload(_ type: String, _ json: JSONValue) async throws -> Payload {
    try TypeName.check(type)
    if let bytes = try Self.bytes(in: json) { return bytes }
    if let name = Payload.jsonType(ofURL: type) {
      return Payload(json: Array(json.text.utf8), ofType: name)
    }
    if let avro = try await avro(type, json) { return avro }
    let url = type.contains("/") ? type : "type.googleapis.com/\(type)"
    await types.learn(url, from: server.reflection)
    guard types.isKnown(url) else {
      guard !type.contains("/") else {
        throw HTTPFailure(400, "nothing describes the type \(type)")
      }
      return Payload(json: Array(json.text.utf8), ofType: type)
    }
    do throws(ProtobufError) {
      let bytes = try types.schema.bytes(json, as: Schema.typeName(ofURL: url))
      return Payload(typeURL: url, value: bytes)
    } catch {
      throw HTTPFailure(400, "payload: \(error)")
    }
  }

  /// Nil if the domain has no Avro schema with this type.
  private func avro(_ type: String, _ json: JSONValue) async throws -> Payload? {
    guard let url = try await types.avro.typeURL(named: type, of: domain, from: server.schemas)
    else {
      return nil
    }
    do {
      return try await types.avro.payload(json, typeURL: url, of: domain, from: server.schemas)
    } catch let status as RPCStatus {
      throw status
    } catch {
      throw HTTPFailure(400, "payload: \(error)")
    }
  }

  /// The name of the payload's type, and its content.
  func members(of payload: Payload) async -> [JSONValue.Member] {
    let name = Schema.typeName(ofURL: payload.typeURL)
    return [.init("type", .string(name)), .init("payload", await content(of: payload))]
  }

  private func content(of payload: Payload) async -> JSONValue {
    if let json = await types.json(payload, of: domain, from: server) { return json }
    return ["@type": .string(payload.typeURL), "value": .string(base64: payload.value)]
  }

  /// The payload in the form of `members` for unknown types; nil for any other JSON.
  private static func bytes(in json: JSONValue) throws(HTTPFailure) -> Payload? {
    guard case .object(let members) = json, members.count == 2,
      case .string(let url)? = json["@type"], case .string(let text)? = json["value"]
    else { return nil }
    guard let value = Base64.decode(Array(text.utf8)) else {
      throw HTTPFailure(400, "payload.value is not Base64")
    }
    return Payload(typeURL: url, value: value)
  }
}
