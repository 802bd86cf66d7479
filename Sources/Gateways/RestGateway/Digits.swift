extension FixedWidthInteger {
  /// A whole number of digits alone: no sign, no blanks. Nil for anything else, and where it does
  /// not fit.
  init?(digits text: some StringProtocol) {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    self.init(text, radix: 10)
  }
}
