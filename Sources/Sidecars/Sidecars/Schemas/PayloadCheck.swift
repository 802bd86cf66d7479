import Avro
import EventModel
import JSON
import ProtobufJSON
import Wire

/// Validates payloads against the versions of a schema: Avro payloads by the version of their
/// fingerprint, all others by the last version.
struct PayloadCheck: Sendable {
  enum Flaw: Error {
    /// The type is unknown; a newer version may know it.
    case unknown(String)
    case mismatch(String)

    var message: String {
      switch self {
      case .unknown(let message), .mismatch(let message): message
      }
    }
  }

  private struct Written {
    var writer: AvroWriter
    var body: Bytes
  }

  private let domain: Name
  /// The number of the last version; 0: none.
  private(set) var count = 0
  private var last: DomainSchema?
  private var writers = AvroWriters()

  init(of domain: Name) { self.domain = domain }

  mutating func add(_ versions: [SchemaRegistry.Version]) throws {
    for version in versions {
      (count, last) = (version.number, version.schema)
      try add(writer: version.schema)
    }
  }

  /// Accepts data written by a schema, registered or not.
  mutating func add(writer: DomainSchema) throws {
    guard case .avro(let schema) = writer.content else { return }
    try writers.add(schema)
  }

  /// The error in a payload, with its type and the path of the field; nil if it is valid.
  func flaw(of payload: Payload) -> Flaw? {
    do throws(Flaw) {
      try check(payload)
      return nil
    } catch { return error }
  }

  private func check(_ payload: Payload) throws(Flaw) {
    guard let last else { throw .unknown("domain \(domain) has no schema yet") }
    let name = ProtobufJSON.Schema.typeName(ofURL: payload.typeURL)
    let prefix = payload.typeURL.dropLast(name.utf8.count)
    switch (prefix, last.content) {
    case ("avro/", .avro): _ = try written(payload.value, as: name)
    case ("json/", .avro(let schema)): try check(json: payload.value, name, by: schema)
    case ("json/", .protobuf(let schema)): try check(json: payload.value, name, by: schema)
    case (_, .protobuf(let schema)) where prefix != "avro/":
      try check(payload.value, name, by: schema)
    default:
      throw .mismatch(
        "\(payload.typeURL.isEmpty ? "a payload without a type" : payload.typeURL) cannot be in "
          + "domain \(domain), whose schema is of \(last.kind.rawValue): the type URL must be "
          + (last.kind == .avro ? "avro/FULL.NAME or json/NAME" : "…/FULL.NAME or json/NAME"))
    }
  }

  /// Finds the writer's schema of Avro data, and checks the data by it.
  private func written(_ bytes: Bytes, as name: String) throws(Flaw) -> Written {
    let object: SingleObject
    do { object = try SingleObject(bytes: bytes) } catch { throw .mismatch("\(name): \(error)") }
    guard let writer = writers[object.fingerprint] else {
      throw .unknown(
        "\(name): no version of the schema of \(domain) has a type of the fingerprint "
          + "\(object.fingerprint)")
    }
    do { try writer.check(object.body, as: name) } catch { throw .mismatch("\(name): \(error)") }
    return Written(writer: writer, body: object.body)
  }

  private func check(json: Bytes, _ name: String, by schema: AvroSchema) throws(Flaw) {
    guard let payload = schema.payload(named: name) else {
      throw .unknown("the schema of \(domain) has no record \(name)")
    }
    do { _ = try schema.datum(JSONValue.parse(json), as: payload) } catch {
      throw .mismatch("\(name): \(error)")
    }
  }

  private func check(
    json: Bytes, _ name: String, by schema: ProtobufJSON.Schema
  ) throws(Flaw) {
    guard schema.describes(name) else {
      throw .unknown("the schema of \(domain) has no message \(name)")
    }
    do { _ = try schema.bytes(JSONValue.parse(json), as: name) } catch {
      throw .mismatch("\(name): \(error)")
    }
  }

  private func check(
    _ bytes: Bytes, _ name: String, by schema: ProtobufJSON.Schema
  ) throws(Flaw) {
    guard schema.describes(name) else {
      throw .unknown("the schema of \(domain) has no message \(name)")
    }
    do { _ = try schema.json(bytes, as: name) } catch { throw .mismatch("\(name): \(error)") }
  }

  /// Why a new schema could not read a stored payload; nil if it can.
  func flaw(of payload: Payload, under new: DomainSchema) -> String? {
    let name = ProtobufJSON.Schema.typeName(ofURL: payload.typeURL)
    do {
      if payload.typeURL == "avro/\(name)", case .avro(let reader) = new.content {
        let written = try written(payload.value, as: name)
        _ = try written.writer.json(written.body, as: name, by: reader)
        return nil
      }
      var check = PayloadCheck(of: domain)
      check.last = new
      try check.check(payload)
      return nil
    } catch let flaw as Flaw { return flaw.message } catch { return "\(name): \(error)" }
  }
}
