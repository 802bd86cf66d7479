import Avro
import EventModel
import JSON
import ProtobufJSON
import RPC
import Wire

/// The Avro schemas of domains: the last version of each, and those by which payloads were written.
/// The server is asked once for each.
final class AvroTypes {
  private struct Version {
    var number: Int
    var schema: AvroSchema
  }

  private var last: [Name: Version?] = [:]
  private var writers: [Name: [AvroFingerprint: Version?]] = [:]

  /// A payload of a domain as JSON, in the terms of the last version. Nil where nobody has its
  /// schema, or it does not fit.
  func json(_ payload: Payload, of domain: Name, from client: Client) async -> JSONValue? {
    guard payload.typeURL.hasPrefix("avro/"), let object = try? SingleObject(bytes: payload.value),
      let known = await last(of: domain, from: client),
      let writer = await writer(object.fingerprint, of: domain, from: client)
    else { return nil }
    // The last version may have been registered since it was asked for.
    let reader = writer.number > known.number ? writer : known
    last[domain] = .some(reader)
    return try? AvroResolution(writer: writer.schema, reader: reader.schema)
      .json(object.body, as: Schema.typeName(ofURL: payload.typeURL))
  }

  /// The type URL of a type of a domain with an Avro schema, by its full name or the last part; nil
  /// for any other.
  func typeURL(named name: String, of domain: Name, from client: Client) async -> String? {
    let name = name.hasPrefix("avro/") ? Schema.typeName(ofURL: name) : name
    guard !name.contains("/"), let version = await last(of: domain, from: client) else {
      return nil
    }
    return version.schema.payload(named: name).map { "avro/\($0)" }
  }

  /// A payload in single-object encoding from JSON.
  func payload(
    _ json: JSONValue, typeURL: String, of domain: Name, from client: Client
  ) async throws -> Bytes {
    let name = Schema.typeName(ofURL: typeURL)
    guard let schema = await last(of: domain, from: client)?.schema else {
      throw Failure(.badData, "domain \(domain) has no Avro schema")
    }
    return SingleObject(
      try schema.fingerprint(of: name), try schema.datum(json, as: name)
    ).bytes
  }

  private func last(of domain: Name, from client: Client) async -> Version? {
    if let known = last[domain] { return known }
    let version = await version(.last, of: domain, from: client)
    last[domain] = .some(version)
    return version
  }

  private func writer(
    _ fingerprint: AvroFingerprint, of domain: Name, from client: Client
  ) async -> Version? {
    if let known = writers[domain]?[fingerprint] { return known }
    let version = await version(.fingerprint("\(fingerprint)"), of: domain, from: client)
    writers[domain, default: [:]][fingerprint] = .some(version)
    return version
  }

  /// A server that cannot say is none that must: payloads are shown as bytes then.
  private func version(
    _ version: OutriderV1.GetSchemaRequest.Version, of domain: Name, from client: Client
  ) async -> Version? {
    guard !domain.isInternal,
      let found = try? await client.call(
        "outrider.v1.Schemas", "Get", OutriderV1.GetSchemaRequest(domain: domain, version: version),
        as: OutriderV1.SchemaVersion.self),
      found.registered.kind == .avro,
      let schema = try? AvroSchema(parsing: found.registered.schema)
    else { return nil }
    return Version(number: found.number, schema: schema)
  }
}
