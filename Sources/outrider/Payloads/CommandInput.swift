import EventModel
import JSON
import Payloads
import ProtobufJSON
import RPC
import Wire

/// The command's message as a person gives it: JSON, or protobuf's wire form.
struct CommandInput {
  /// As messages tell it: the file's path.
  let name: String
  let bytes: Bytes
  let typeURL: String
  /// Whether it is in wire form, whatever it looks like.
  let isBinary: Bool

  /// The message in wire form.
  ///
  /// Of a type that is not described, only wire form can be sent. What is JSON is refused then: an
  /// aggregate that stored it could never read it again.
  func message(_ types: PayloadTypes) throws(Failure) -> Bytes {
    if isBinary { return bytes }
    guard types.isKnown(typeURL) else {
      guard !isJSON else { throw undescribed }
      return bytes
    }
    do {
      return try types.schema.bytes(
        JSONValue.parse(bytes), as: Schema.typeName(ofURL: typeURL))
    } catch {
      throw Failure(.badData, "\(name): \(error)")
    }
  }

  /// The same where the domain may have an Avro schema: JSON becomes data of its last version.
  func message(
    _ types: PayloadTypes, of domain: Name, from client: Client
  ) async throws -> Bytes {
    if isBinary || typeURL.hasPrefix("json/") { return bytes }
    guard typeURL.hasPrefix("avro/") else { return try message(types) }
    let payload: Payload?
    do {
      payload = try await types.avro.payload(
        JSONValue.parse(bytes), typeURL: typeURL, of: domain, from: client.payloads.schemas)
    } catch let status as RPCStatus {
      throw status
    } catch {
      throw Failure(.badData, "\(name): \(Schema.typeName(ofURL: typeURL)): \(error)")
    }
    guard let payload else { throw Failure(.badData, "domain \(domain) has no Avro schema") }
    return payload.value
  }

  private var isJSON: Bool {
    let first = bytes.first { !" \t\r\n".utf8.contains($0) }
    return first.map { #"{[""#.utf8.contains($0) } == true && (try? JSONValue.parse(bytes)) != nil
  }

  private var undescribed: Failure {
    Failure(
      .badData,
      """
      \(name) holds JSON, and nothing describes \(Schema.typeName(ofURL: typeURL)). \
      Give --descriptors, set `descriptors` at the command-handler, or let the logic offer gRPC \
      reflection; --binary sends the bytes as they are.
      """)
  }
}
