import Avro
import EventModel
import JSON
import ProtobufJSON
import Synchronization
import Wire

/// Converts the payloads of one domain between bytes and JSON, by a given schema.
///
/// Avro data that another version wrote is read by that version and resolved to this one. Other
/// versions are looked up once and cached.
public final class DomainPayloads: Sendable {
  /// Finds the version of a schema that has a type of a fingerprint; nil: none has.
  public typealias Versions =
    @Sendable (_ domain: Name, _ fingerprint: String) async throws -> DomainSchema?

  /// The most cached types of other versions; beyond that the cache is cleared.
  private static let writersMax = 1000

  public let domain: Name
  public let schema: DomainSchema
  /// Fingerprints of the schema's own types, if it is Avro.
  private let fingerprints: [String: AvroFingerprint]
  private let versions: Versions
  private let own: AvroWriters
  private let others = Mutex(AvroWriters())

  /// Throws if a type of the schema has no fingerprint.
  public init(
    of domain: Name, by schema: DomainSchema, versions: @escaping Versions
  ) throws(PayloadFlaw) {
    self.domain = domain
    self.schema = schema
    self.versions = versions
    var fingerprints: [String: AvroFingerprint] = [:]
    var own = AvroWriters()
    if case .avro(let schema) = schema.content {
      try flawed { try own.add(schema) }
      for name in schema.payloads {
        fingerprints[name] = try flawed { try schema.fingerprint(of: name) }
      }
    }
    self.fingerprints = fingerprints
    self.own = own
  }

  /// The full name of a payload's type; nil if the schema has none of that name.
  public func type(of payload: Payload) -> String? {
    schema.payload(reading: ProtobufJSON.Schema.typeName(ofURL: payload.typeURL))
  }

  /// A payload as JSON.
  ///
  /// - Parameter type: the name that `type(of:)` returned.
  /// - Throws: a `PayloadFlaw` if the payload is invalid; errors of the version lookup.
  public func json(_ payload: Payload, as type: String) async throws -> JSONValue {
    if payload.jsonType != nil {
      // A round trip fills in defaults and the schema's names.
      let json = try flawed { try JSONValue.parse(payload.value) }
      return try await self.json(self.payload(json, as: type), as: type)
    }
    switch schema.content {
    case .protobuf(let schema): return try flawed { try schema.json(payload.value, as: type) }
    case .avro(let schema):
      let object = try flawed { try SingleObject(bytes: payload.value) }
      let writer = try await writer(object.fingerprint)
      let written = ProtobufJSON.Schema.typeName(ofURL: payload.typeURL)
      return try flawed { try writer.json(object.body, as: written, by: schema) }
    }
  }

  /// Encodes JSON as a payload of the type. Throws a `PayloadFlaw` if it does not fit.
  public func payload(_ json: JSONValue, as type: String) throws(PayloadFlaw) -> Payload {
    switch schema.content {
    case .protobuf(let schema):
      return Payload(
        typeURL: "type.googleapis.com/\(type)",
        value: try flawed { try schema.bytes(json, as: type) })
    case .avro(let schema):
      guard let fingerprint = fingerprints[type] else {
        throw PayloadFlaw("the schema of \(domain) has no record \(type)")
      }
      let datum = try flawed { try schema.datum(json, as: type) }
      return Payload(typeURL: "avro/\(type)", value: SingleObject(fingerprint, datum).bytes)
    }
  }

  private func writer(_ fingerprint: AvroFingerprint) async throws -> AvroWriter {
    if let known = own[fingerprint] ?? others.withLock({ $0[fingerprint] }) { return known }
    var found = AvroWriters()
    if case .avro(let schema)? = try await versions(domain, "\(fingerprint)")?.content {
      try flawed { try found.add(schema) }
      try others.withLock { others in
        if others.count + found.count > Self.writersMax { others = AvroWriters() }
        try others.add(schema)
      }
    }
    guard let writer = found[fingerprint] else {
      throw PayloadFlaw("no version of the schema of \(domain) has the fingerprint \(fingerprint)")
    }
    return writer
  }
}

/// An error in a payload, with the path of the field if there is one.
public struct PayloadFlaw: Error, CustomStringConvertible, Sendable {
  public let description: String

  init(_ description: String) { self.description = description }
}

private func flawed<Value>(_ body: () throws -> Value) throws(PayloadFlaw) -> Value {
  do { return try body() } catch { throw PayloadFlaw("\(error)") }
}
