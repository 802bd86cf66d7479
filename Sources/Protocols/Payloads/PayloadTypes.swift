import EventModel
import JSON
import ProtobufJSON
import RPC
import Sidecars
import Synchronization
import Timing
import Wire

/// A sidecar that is asked for what payloads are: by gRPC's reflection, and for schemas of domains.
public struct PayloadServer: Sendable {
  public let reflection: ReflectionClient
  public let schemas: SchemaClient

  public init(_ channel: any RPCChannel, _ options: CallOptions) {
    reflection = ReflectionClient(channel, options)
    schemas = SchemaClient(channel, options)
  }
}

/// The message types that are known: those that are built in, those of files, and those that a
/// server describes, which is asked for each.
public final class PayloadTypes: Sendable {
  /// How long a server is believed that does not know a type.
  private static let unknownTime = Duration.seconds(5)
  /// Types that are remembered as unknown; with one more, all are forgotten.
  private static let unknownMax = 1000

  private struct Known {
    var schema: Schema
    var unknown: [String: ContinuousClock.Instant] = [:]
  }

  /// Those of domains that have a schema.
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

  /// Asks a server for a type that is not known. What it does not know, or cannot say, stays
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

  /// The content of a payload of a domain, whatever it is written in; nil where nothing describes
  /// its type, or it does not fit its description.
  ///
  /// - Parameters:
  ///   - domain: has a schema of its own, perhaps; nil: it is not known whose payload it is.
  ///   - server: is asked for what is not known; nil: nobody is.
  public func json(
    _ payload: Payload, of domain: Name?, from server: PayloadServer?
  ) async -> JSONValue? {
    if payload.typeURL.hasPrefix("json/") { return try? JSONValue.parse(payload.value) }
    if payload.typeURL.hasPrefix("avro/") {
      guard let server, let domain else { return nil }
      return await avro.json(payload, of: domain, from: server.schemas)
    }
    if let server { await learn(payload.typeURL, from: server.reflection) }
    return json(payload)
  }

  /// The content of a protobuf payload; nil where its type is not described, or it does not fit its
  /// description.
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
