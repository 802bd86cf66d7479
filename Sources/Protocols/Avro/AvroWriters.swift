import JSON

/// Schemas that may have written data: each of their types is found by its fingerprint, which
/// stands in front of the data.
public struct AvroWriters: Sendable {
  private var writers: [AvroFingerprint: AvroWriter] = [:]

  public init() {}

  /// How many types they have.
  public var count: Int { writers.count }

  public subscript(fingerprint: AvroFingerprint) -> AvroWriter? { writers[fingerprint] }

  /// Takes in the types of a schema. Throws where one of them has no fingerprint.
  public mutating func add(_ schema: AvroSchema) throws(AvroError) {
    for payload in schema.payloads {
      let fingerprint = try schema.fingerprint(of: payload)
      writers[fingerprint] = AvroWriter(schema: schema, payload: payload)
    }
  }
}

/// The type of a schema that wrote a datum.
public struct AvroWriter: Sendable {
  fileprivate let schema: AvroSchema
  /// Its full name.
  fileprivate let payload: String

  /// Checks a datum that is said to be of a type.
  public func check(_ body: [UInt8], as payload: String) throws(AvroError) {
    try require(payload)
    try schema.check(body, as: payload)
  }

  /// A datum that is said to be of a type, as JSON in the terms of another version of the schema.
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
