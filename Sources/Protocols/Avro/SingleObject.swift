/// A datum with its writer's schema (Apache Avro 1.11, "Single object encoding"): the marker C3
/// 01, the fingerprint of that schema in little-endian order, the datum.
public struct SingleObject: Equatable, Sendable {
  private static let marker: [UInt8] = [0xC3, 0x01]

  public let fingerprint: AvroFingerprint
  /// The datum in binary encoding.
  public let body: [UInt8]

  public init(_ fingerprint: AvroFingerprint, _ body: [UInt8]) {
    self.fingerprint = fingerprint
    self.body = body
  }

  /// Parses marker and fingerprint; does not check the datum.
  public init(bytes: [UInt8]) throws(AvroError) {
    guard bytes.starts(with: Self.marker) else {
      throw AvroError(
        "expected Avro's single-object encoding, which begins with the bytes c3 01")
    }
    guard bytes.count >= 10 else {
      throw AvroError("the fingerprint of the writer's schema is cut off")
    }
    let value = bytes[2..<10].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    self.init(AvroFingerprint(value), Array(bytes[10...]))
  }

  public var bytes: [UInt8] {
    let value = fingerprint.rawValue
    return Self.marker + (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } + body
  }
}
