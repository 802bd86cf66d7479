import Encodings

/// A moment as JSON and logs write it: `2026-03-01T09:41:07.042Z` (RFC 3339), in UTC.
public struct RFC3339: Equatable, Sendable {
  /// Since 1970-01-01T00:00:00Z.
  public let seconds: Int64
  /// 0 to 999 999 999, counted forwards.
  public let nanoseconds: Int32

  /// Nil outside the years 1 to 9999, the range of the notation.
  public init?(seconds: Int64, nanoseconds: Int32) {
    guard (-62_135_596_800...253_402_300_799).contains(seconds),
      (0...999_999_999).contains(nanoseconds)
    else { return nil }
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Date and time with `fractionDigits` (0 to 9) digits behind the seconds.
  public func text(fractionDigits: Int) -> String {
    String(unsafeUninitializedCapacity: "2026-03-01T".utf8.count + Self.timeBytesMax) { text in
      var writer = DigitWriter(text)
      let (days, _) = floorDivide(Int(seconds), by: 86_400)
      let (year, month, day) = civil(daysSince1970: days)
      writer.write(year, width: 4, "-")
      writer.write(month, width: 2, "-")
      writer.write(day, width: 2, "T")
      writeTime(fractionDigits, to: &writer)
      return writer.count
    }
  }

  /// The time alone: `09:41:07.042Z`.
  public func timeOfDay(fractionDigits: Int) -> String {
    String(unsafeUninitializedCapacity: Self.timeBytesMax) { text in
      var writer = DigitWriter(text)
      writeTime(fractionDigits, to: &writer)
      return writer.count
    }
  }

  private static let timeBytesMax = "09:41:07.042999999Z".utf8.count

  private func writeTime(_ fractionDigits: Int, to writer: inout DigitWriter) {
    let (_, second) = floorDivide(Int(seconds), by: 86_400)
    writer.write(second / 3600, width: 2, ":")
    writer.write(second / 60 % 60, width: 2, ":")
    writer.write(second % 60, width: 2, fractionDigits == 0 ? "Z" : ".")
    if fractionDigits == 0 { return }
    var fraction = Int(nanoseconds)
    for _ in fractionDigits..<9 { fraction /= 10 }
    writer.write(fraction, width: fractionDigits, "Z")
  }
}

extension RFC3339: LosslessStringConvertible {
  /// Date and time with the fewest digits that lose nothing: none, three, six or nine.
  public var description: String {
    let digits =
      [(1_000_000_000, 0), (1_000_000, 3), (1000, 6)].first { Int(nanoseconds) % $0.0 == 0 }?.1
    return text(fractionDigits: digits ?? 9)
  }

  /// Takes `Z` or an offset such as `+01:00`, and up to nine digits behind the seconds.
  public init?(_ text: String) {
    var rest = text[...]
    guard let year = takeNumber(&rest, 4), take(&rest, "-"), let month = takeNumber(&rest, 2),
      take(&rest, "-"), let day = takeNumber(&rest, 2), take(&rest, "T") || take(&rest, "t"),
      let hour = takeNumber(&rest, 2), take(&rest, ":"), let minute = takeNumber(&rest, 2),
      take(&rest, ":"), let second = takeNumber(&rest, 2), let nanoseconds = takeFraction(&rest),
      let offset = takeOffset(&rest), rest.isEmpty, hour < 24, minute < 60, second < 60
    else { return nil }
    let days = daysSince1970(year: year, month: month, day: day)
    guard civil(daysSince1970: days) == (year, month, day) else { return nil }
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
    self.init(seconds: Int64(seconds), nanoseconds: Int32(nanoseconds))
  }
}

// MARK: Calendar

/// The Gregorian date of a day, by Howard Hinnant's `civil_from_days`:
/// https://howardhinnant.github.io/date_algorithms.html#civil_from_days
private func civil(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
  // An era is 400 years, and begins on the first of March of a year that 400 divides.
  let (era, dayOfEra) = floorDivide(daysSince1970 + 719_468, by: 146_097)
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthFromMarch = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
  let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
}

/// The reverse, by `days_from_civil` of the same page.
private func daysSince1970(year: Int, month: Int, day: Int) -> Int {
  let (era, yearOfEra) = floorDivide(month <= 2 ? year - 1 : year, by: 400)
  let monthFromMarch = month > 2 ? month - 3 : month + 9
  let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

// MARK: Text

/// Writes numbers into a text's memory. Fast, since each published commit carries its time.
private struct DigitWriter {
  private let text: UnsafeMutableBufferPointer<UInt8>
  private(set) var count = 0

  /// - Parameter text: must have room for all that is written.
  init(_ text: UnsafeMutableBufferPointer<UInt8>) { self.text = text }

  /// Writes a number in `width` digits, and the character behind it.
  mutating func write(_ number: Int, width: Int, _ end: Unicode.Scalar) {
    var rest = number
    for place in stride(from: count + width - 1, through: count, by: -1) {
      text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
    text[count + width] = UInt8(ascii: end)
    count += width + 1
  }
}

/// Floor division: the remainder is never negative.
private func floorDivide(_ number: Int, by divisor: Int) -> (Int, Int) {
  let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}

private func take(_ text: inout Substring, _ character: Character) -> Bool {
  guard text.first == character else { return false }
  text.removeFirst()
  return true
}

private func takeDigits(_ text: inout Substring) -> Substring {
  let digits = text.prefix { ("0"..."9").contains($0) && $0.isASCII }
  text = text[digits.endIndex...]
  return digits
}

private func takeNumber(_ text: inout Substring, _ width: Int) -> Int? {
  let digits = text.prefix(width)
  guard digits.utf8.count == width, let number = Int(digits: digits.utf8) else { return nil }
  text = text[digits.endIndex...]
  return number
}

/// The nanoseconds; 0 without a fraction.
private func takeFraction(_ text: inout Substring) -> Int? {
  guard take(&text, ".") else { return 0 }
  let digits = takeDigits(&text)
  guard (1...9).contains(digits.count) else { return nil }
  return Int(digits + String(repeating: "0", count: 9 - digits.count))
}

/// The offset of local time from UTC, in seconds.
private func takeOffset(_ text: inout Substring) -> Int? {
  if take(&text, "Z") || take(&text, "z") { return 0 }
  guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
  text.removeFirst()
  guard let hour = takeNumber(&text, 2), take(&text, ":"), let minute = takeNumber(&text, 2),
    hour < 24, minute < 60
  else { return nil }
  return (sign == "-" ? -1 : 1) * (hour * 3600 + minute * 60)
}
