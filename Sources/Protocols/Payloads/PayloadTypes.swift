import EventModel
import JSON
import ProtobufJSON
import RPC
import Sidecars
import Synchronization
import Timing
import Wire

/// A sidecar as a source of types: by gRPC's reflection, and by domains' schemas.
public struct PayloadServer: Sendable {
  public let reflection: ReflectionClient
  public let schemas: SchemaClient

  public init(_ channel: any RPCChannel, _ options: CallOptions) {
    reflection = ReflectionClient(channel, options)
    schemas = SchemaClient(channel, options)
  }
}

/// The known message types: built in, from files, and fetched from servers as needed.
public final class PayloadTypes: Sendable {
  /// How long a type unknown to the server is cached as unknown.
  private static let unknownTime = Duration.seconds(5)
  /// The most types cached as unknown; beyond that the cache is cleared.
  private static let unknownMax = 1000

  private struct Known {
    var schema: Schema
    var unknown: [String: ContinuousClock.Instant] = [:]
  }

  /// Types of domains with an Avro schema.
  public let avro: AvroTypes
  private let known: Mutex<Known>
  private let environment: Environment

  public init(_ schema: Schema = .wellKnown, environment: Environment = .live) {
    known = Mutex(Known(schema: schema))
    avro = AvroTypes(environment: environment)
    self.environment = environment
  }

  public var schema: Schema { known.withLock { $0.schema } }

  public func isKnown(_ typeURL: String) -> Bool {
    known.withLock { $0.schema.describes(Schema.typeName(ofURL: typeURL)) }
  }

  /// Asks a server for an unknown type. If the server does not know it, or fails, it stays
  /// unknown: the payload is shown as bytes.
  public func learn(_ typeURL: String, from server: ReflectionClient) async {
    let name = Schema.typeName(ofURL: typeURL)
    guard mustAsk(name) else { return }
    guard let files = try? await server.files(defining: name) else { return }
    known.withLock { known in
      var learnt = known.schema
      guard (try? learnt.add(files: files)) != nil else { return }
      known.schema = learnt
    }
  }

  /// A payload of a domain as JSON, in any encoding; nil if its type has no description, or if it
  /// does not fit that.
  ///
  /// - Parameters:
  ///   - domain: the payload's domain, which may have a schema; nil: unknown.
  ///   - server: asked for unknown types; nil: no server is asked.
  public func json(
    _ payload: Payload, of domain: Name?, from server: PayloadServer?
  ) async -> JSONValue? {
    if payload.jsonType != nil { return try? JSONValue.parse(payload.value) }
    if payload.typeURL.hasPrefix("avro/") {
      guard let server, let domain else { return nil }
      return await avro.json(payload, of: domain, from: server.schemas)
    }
    if let server { await learn(payload.typeURL, from: server.reflection) }
    return json(payload)
  }

  /// A protobuf payload as JSON; nil if its type has no description, or if it does not fit that.
  public func json(_ payload: Payload) -> JSONValue? {
    let name = Schema.typeName(ofURL: payload.typeURL)
    let schema = schema
    guard schema.describes(name) else { return nil }
    return try? schema.json(payload.value, as: name)
  }

  private func mustAsk(_ name: String) -> Bool {
    let now = environment.instant()
    return known.withLock { known in
      guard !name.isEmpty, !known.schema.describes(name) else { return false }
      if let asked = known.unknown[name], asked + Self.unknownTime > now { return false }
      if known.unknown.count >= Self.unknownMax { known.unknown = [:] }
      known.unknown[name] = now
      return true
    }
  }
}
