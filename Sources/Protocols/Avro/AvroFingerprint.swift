import Encodings

/// CRC-64-AVRO (Apache Avro 1.11, "Schema Fingerprints").
public struct AvroFingerprint: Hashable, Sendable, CustomStringConvertible {
  public let rawValue: UInt64

  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// The fingerprint of a schema in canonical form.
  public init(of text: some Sequence<UInt8>) {
    var value = Self.empty
    for byte in text {
      value = value >> 8 ^ Self.table[Int(truncatingIfNeeded: (value ^ UInt64(byte)) & 0xFF)]
    }
    rawValue = value
  }

  /// 16 hexadecimal digits, most significant first.
  public var description: String { Hexadecimal.encode(rawValue) }

  private static let empty: UInt64 = 0xC15D_213A_A4D7_A795
  private static let table = (0..<256).map { index in
    (0..<8).reduce(UInt64(index)) { value, _ in value >> 1 ^ (value & 1 == 1 ? empty : 0) }
  }
}
