extension FixedWidthInteger {
  /// Parses a whole number of digits only, without sign or blanks. Nil for anything else, and on
  /// overflow.
  init?(digits text: some StringProtocol) {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    self.init(text, radix: 10)
  }
}
