import Encodings

// Amounts with a unit: durations such as 500ms, sizes such as 4MiB.

extension ValueFormat<Duration> {
  /// A whole number and a unit.
  static func duration(_ range: ClosedRange<Duration>) -> ValueFormat {
    ValueFormat(
      placeholder: "DURATION",
      allowed: """
        a number and a unit (ms, s, m or h), such as 500ms, 2s or 1m, \
        from \(range.lowerBound.inUnits) to \(range.upperBound.inUnits)
        """,
      parse: { text in
        guard let milliseconds = amount(text, in: millisecondUnits) else { return nil }
        let duration = Duration.milliseconds(milliseconds)
        return range.contains(duration) ? duration : nil
      },
      write: { $0.inUnits })
  }
}

extension Duration {
  /// Parses a duration setting: a number and a unit, from a millisecond to a day.
  public init?(configured text: String) {
    let format = ValueFormat<Duration>.duration(.milliseconds(1)...(.seconds(86_400)))
    guard let duration = format.parse(text) else { return nil }
    self = duration
  }

  /// The duration as a setting, to the millisecond: `500ms`, `2s`.
  package var inUnits: String {
    let milliseconds =
      Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    return milliseconds == 0 ? "0s" : quantity(milliseconds, in: millisecondUnits)
  }
}

extension ValueFormat<Int> {
  /// A whole number of bytes, or of their binary multiples.
  static func byteSize(_ range: ClosedRange<Int>) -> ValueFormat {
    ValueFormat(
      placeholder: "SIZE",
      allowed: """
        a number and a unit (B, KiB, MiB or GiB), such as 512KiB or 4MiB, \
        from \(quantity(range.lowerBound, in: byteUnits)) to \(quantity(range.upperBound, in: byteUnits))
        """,
      parse: { text in
        amount(text, in: byteUnits).flatMap { range.contains($0) ? $0 : nil }
      },
      write: { bytes($0) })
  }

  /// The size as a setting: `4MiB`.
  static func bytes(_ count: Int) -> String { quantity(count, in: byteUnits) }
}

/// Units from the largest to the smallest.
private typealias Units = [(name: String, factor: Int)]

private let millisecondUnits: Units = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
private let byteUnits: Units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)]

/// Nil if the text is malformed, or overflows an integer.
private func amount(_ text: String, in units: Units) -> Int? {
  let number = text.prefix { $0.isASCII && $0.isNumber }
  guard let count = Int(digits: number.utf8),
    let unit = units.first(where: { text == number + $0.name })
  else { return nil }
  let (product, overflow) = count.multipliedReportingOverflow(by: unit.factor)
  return overflow ? nil : product
}

/// In the largest unit that gives a whole number.
private func quantity(_ count: Int, in units: Units) -> String {
  let unit = units.first { count != 0 && count.isMultiple(of: $0.factor) } ?? units[units.count - 1]
  return "\(count / unit.factor)\(unit.name)"
}
