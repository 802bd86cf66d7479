import EventModel

/// A moment as it is written in logs: `2026-03-01T09:41:07.042Z`, in UTC.
struct ISO8601 {
  private let day: (year: Int, month: Int, day: Int)
  /// With milliseconds.
  let timeOfDay: String

  init(_ time: Timestamp) {
    let (days, seconds) = Int(time.seconds).floorDivided(by: 86_400)
    day = civil(daysSince1970: days)
    timeOfDay =
      "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
      + ".\(padded(Int(time.nanoseconds) / 1_000_000, 3))Z"
  }

  var text: String {
    "\(padded(day.year, 4))-\(padded(day.month, 2))-\(padded(day.day, 2))T\(timeOfDay)"
  }
}

/// The Gregorian date of a day, by Howard Hinnant's `civil_from_days`:
/// https://howardhinnant.github.io/date_algorithms.html#civil_from_days
private func civil(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
  // An era is 400 years, and begins on the first of March of a year that 400 divides.
  let (era, dayOfEra) = (daysSince1970 + 719_468).floorDivided(by: 146_097)
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthFromMarch = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
  let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
}

private func padded(_ number: Int, _ width: Int) -> String {
  let text = String(number)
  return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
}

extension Int {
  /// Quotient and remainder where the remainder is never negative.
  fileprivate func floorDivided(by divisor: Int) -> (Int, Int) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
