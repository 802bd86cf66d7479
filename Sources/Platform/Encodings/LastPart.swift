extension String {
  /// What follows the last `separator`, found by bytes, as `bank.Opened` follows the slash of
  /// `type.googleapis.com/bank.Opened`; all of it if there is none.
  public func part(afterLast separator: Unicode.Scalar) -> String {
    let place = utf8.lastIndex(of: UInt8(ascii: separator))
    return place.map { String(self[utf8.index(after: $0)...]) } ?? self
  }
}
