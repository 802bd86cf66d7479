import JSON
import ProtobufJSON
import RPC
import Sidecars
import Synchronization
import Timing
import Wire

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

  /// The content of a payload; nil where its type is not described, or it does not fit its
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
