import JSON

/// Schemas of possible writers, whose types are found by the fingerprints in front of data.
public struct AvroWriters: Sendable {
  private var writers: [AvroFingerprint: AvroWriter] = [:]

  public init() {}

  /// The number of their types.
  public var count: Int { writers.count }

  public subscript(fingerprint: AvroFingerprint) -> AvroWriter? { writers[fingerprint] }

  /// Adds the types of a schema. Throws if one has no fingerprint.
  public mutating func add(_ schema: AvroSchema) throws(AvroError) {
    for payload in schema.payloads {
      let fingerprint = try schema.fingerprint(of: payload)
      writers[fingerprint] = AvroWriter(schema: schema, payload: payload)
    }
  }
}

/// A writer's type, with its schema.
public struct AvroWriter: Sendable {
  fileprivate let schema: AvroSchema
  /// Its full name.
  fileprivate let payload: String

  /// Validates a datum of the claimed type.
  public func check(_ body: [UInt8], as payload: String) throws(AvroError) {
    try require(payload)
    try schema.check(body, as: payload)
  }

  /// A datum of the claimed type as JSON, resolved to another version of the schema.
  public func json(
    _ body: [UInt8], as payload: String, by reader: AvroSchema
  ) throws(AvroError) -> JSONValue {
    try require(payload)
    return try AvroResolution(writer: schema, reader: reader).json(body, as: payload)
  }

  private func require(_ name: String) throws(AvroError) {
    if name != payload { throw AvroError("the fingerprint is that of \(payload)") }
  }
}
