extension Root {
  /// Stable across processes and versions: stored data depends on it.
  public var stableHash: UInt64 { bytes.stableHash }
}

extension Name {
  /// Stable across processes and versions: stored data depends on it.
  package var stableHash: UInt64 { utf8.stableHash }
}

extension Sequence<UInt8> {
  /// FNV-1a, 64 bits (Fowler, Noll, Vo). Stable across processes and versions, unlike Swift's
  /// hash.
  var stableHash: UInt64 {
    reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}
