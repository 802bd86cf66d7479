extension FixedWidthInteger {
  /// Its bytes, the most significant first.
  @inlinable public var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }

  /// The number with these bytes, the most significant first; fewer bytes make a smaller number.
  @inlinable public init(bigEndianBytes bytes: some Sequence<UInt8>) {
    self = bytes.reduce(0) { $0 << 8 | Self(truncatingIfNeeded: $1) }
  }
}

extension [UInt8] {
  /// Appends the number's bytes, the most significant first.
  @inlinable public mutating func append(bigEndian number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
  }
}
