import Avro
import EventModel
import JSON
import ProtobufJSON
import RPC
import Sidecars
import Synchronization
import Timing
import Wire

/// Fetches domains' schemas from a sidecar: `outrider.v1.Schemas`.
public struct SchemaClient: Sendable {
  private static let get = Method(service: "outrider.v1.Schemas", name: "Get")

  private let channel: any RPCChannel
  private let options: CallOptions

  public init(_ channel: any RPCChannel, _ options: CallOptions = CallOptions()) {
    self.channel = channel
    self.options = options
  }

  /// A version of a domain's Avro schema; nil if there is none, or if the server does not serve
  /// schemas.
  ///
  /// Throws if the server cannot answer now.
  func avro(
    _ version: OutriderV1.GetSchemaRequest.Version, of domain: Name
  ) async throws(RPCStatus) -> AvroVersion? {
    guard !domain.isInternal else { return nil }
    let found: OutriderV1.SchemaVersion?
    do { found = try await get(version, of: domain) } catch let status as RPCStatus
      where [.unavailable, .deadlineExceeded, .resourceExhausted].contains(status.code)
    { throw status } catch { return nil }
    guard let found, found.registered.kind == .avro else { return nil }
    return try? AvroVersion(found)
  }

  /// The version of a domain's schema with a type of this fingerprint; nil if none has.
  public func schema(of domain: Name, with fingerprint: String) async throws -> DomainSchema? {
    try await get(.fingerprint(fingerprint), of: domain)
      .map { try DomainSchema($0.registered.schema) }
  }

  /// Nil if the server has no such version.
  private func get(
    _ version: OutriderV1.GetSchemaRequest.Version, of domain: Name
  ) async throws -> OutriderV1.SchemaVersion? {
    let request = OutriderV1.GetSchemaRequest(domain: domain, version: version)
    do {
      let answer = try await channel.unary(Self.get, request.wireBytes, options)
      return try OutriderV1.SchemaVersion(wireBytes: answer)
    } catch let status as RPCStatus where status.code == .notFound { return nil }
  }
}

/// A registered version of an Avro schema.
struct AvroVersion: Sendable {
  let number: Int
  let schema: AvroSchema
  /// The types of the version.
  let writers: AvroWriters

  fileprivate init(_ version: OutriderV1.SchemaVersion) throws(AvroError) {
    number = version.number
    schema = try AvroSchema(parsing: version.registered.schema)
    var writers = AvroWriters()
    try writers.add(schema)
    self.writers = writers
  }
}

/// Caches domains' Avro schemas: the last version of each, and the writers' versions.
public final class AvroTypes: Sendable {
  /// How long answers are cached: which version is last, what the server lacks, and that it
  /// failed.
  private static let believed = Duration.seconds(5)
  /// The most cached schemas; beyond that the cache is cleared.
  private static let schemasMax = 1000

  private enum Key: Hashable {
    case last(Name)
    case writer(Name, AvroFingerprint)
  }

  private struct Known {
    let version: AvroVersion?
    let learnt: ContinuousClock.Instant
    /// True for a writer's schema: a fingerprint determines it for ever.
    let isForGood: Bool
  }

  private let known = Mutex<[Key: Known]>([:])
  private let environment: Environment

  public init(environment: Environment = .live) { self.environment = environment }

  /// A payload of a domain as JSON, resolved to the last version. Nil if the schema is unknown, or
  /// if the payload does not fit.
  public func json(
    _ payload: Payload, of domain: Name, from server: SchemaClient
  ) async -> JSONValue? {
    guard payload.typeURL.hasPrefix("avro/"), let object = try? SingleObject(bytes: payload.value),
      let last = try? await version(.last(domain), from: server),
      let version = try? await version(.writer(domain, object.fingerprint), from: server)
    else { return nil }
    // The last version may have been registered after it was fetched.
    let reader = version.number > last.number ? version : last
    return try? version.writers[object.fingerprint]?
      .json(object.body, as: Schema.typeName(ofURL: payload.typeURL), by: reader.schema)
  }

  /// The type URL of a type of a domain with an Avro schema, by full name or last part; nil for
  /// any other.
  ///
  /// Throws if the server cannot say now which schema the domain has.
  public func typeURL(
    named name: String, of domain: Name, from server: SchemaClient
  ) async throws(RPCStatus) -> String? {
    let name = name.hasPrefix("avro/") ? Schema.typeName(ofURL: name) : name
    guard !name.contains("/"), let last = try await version(.last(domain), from: server) else {
      return nil
    }
    return last.schema.payload(named: name).map { "avro/\($0)" }
  }

  /// Encodes JSON as a payload, in single-object encoding; nil if the domain has no Avro schema.
  ///
  /// Throws with the path of the field if the JSON does not fit, and `RPCStatus` if the server
  /// cannot say now which schema the domain has.
  public func payload(
    _ json: JSONValue, typeURL: String, of domain: Name, from server: SchemaClient
  ) async throws -> Payload? {
    guard let schema = try await version(.last(domain), from: server)?.schema else { return nil }
    let name = Schema.typeName(ofURL: typeURL)
    let object = SingleObject(try schema.fingerprint(of: name), try schema.datum(json, as: name))
    return Payload(typeURL: typeURL, value: object.bytes)
  }

  private func version(
    _ key: Key, from server: SchemaClient
  ) async throws(RPCStatus) -> AvroVersion? {
    let now = environment.instant()
    let known = known.withLock { $0[key] }
    if let known, known.isForGood || known.learnt + Self.believed > now { return known.version }
    let found: Known
    do throws(RPCStatus) {
      switch key {
      case .last(let domain):
        found = Known(
          version: try await server.avro(.last, of: domain), learnt: now, isForGood: false)
      case .writer(let domain, let fingerprint):
        let version = try await server.avro(.fingerprint("\(fingerprint)"), of: domain)
        found = Known(version: version, learnt: now, isForGood: version != nil)
      }
    } catch {
      guard let known else { throw error }
      return known.version
    }
    self.known.withLock { known in
      if known.count >= Self.schemasMax { known = [:] }
      known[key] = found
    }
    return found.version
  }
}
