extension Unicode.Scalar {
  /// True if a terminal or a log viewer interprets the scalar rather than shows it: C0 and C1
  /// control characters, line and paragraph separators, and the controls of bidirectional text,
  /// which reorder what a reader sees (UAX #9, CVE-2021-42574).
  public var controlsDisplay: Bool {
    switch self {
    case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{61C}", "\u{200E}"..."\u{200F}",
      "\u{2028}"..."\u{202E}", "\u{2066}"..."\u{2069}":
      true
    default: false
    }
  }
}

extension String {
  /// The text as one line that is safe to print: scalars that control the display are escaped, as
  /// `\n`, `\t` or `\u{1b}`. Text from a peer must pass through here before a terminal or a log.
  public var displayed: String {
    guard unicodeScalars.contains(where: \.controlsDisplay) else { return self }
    var line = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\n": line += "\\n"
      case "\t": line += "\\t"
      case _ where scalar.controlsDisplay: line += "\\u{\(String(scalar.value, radix: 16))}"
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line
  }
}
