extension FixedWidthInteger {
  /// Parses decimal digits in ASCII, without a sign or blanks. Nil for anything else, without any
  /// digit, and on overflow.
  @inlinable public init?(digits: some Sequence<UInt8>) {
    var number: Self?
    for digit in digits {
      guard case UInt8(ascii: "0")...UInt8(ascii: "9") = digit else { return nil }
      let (tens, isTooLarge) = (number ?? 0).multipliedReportingOverflow(by: 10)
      let (sum, isLarger) = tens.addingReportingOverflow(
        Self(truncatingIfNeeded: digit - UInt8(ascii: "0")))
      guard !isTooLarge, !isLarger else { return nil }
      number = sum
    }
    guard let number else { return nil }
    self = number
  }
}
