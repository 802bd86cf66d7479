import EventModel
import JSON
import Payloads
import ProtobufJSON
import RPC
import Wire

/// The command's message from the user: JSON, or protobuf's wire form.
struct CommandInput {
  /// The file's path, for messages.
  let name: String
  let bytes: Bytes
  let typeURL: String
  /// True: wire form, whatever it looks like.
  let isBinary: Bool

  /// The message in wire form.
  ///
  /// A type without a description can be sent in wire form only. Its JSON is refused: the
  /// aggregate could never be read again.
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

  /// The same for domains that may have an Avro schema: JSON becomes data of its last version.
  func message(
    _ types: PayloadTypes, of domain: Name, from client: Client
  ) async throws -> Bytes {
    if isBinary || Payload.jsonType(ofURL: typeURL) != nil { return bytes }
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
