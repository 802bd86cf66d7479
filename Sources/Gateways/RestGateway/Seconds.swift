import Encodings

/// A duration in a header or a query: `5`, `2.5` or `5s`; at most a day.
struct Seconds {
  /// Its form, as a regular expression.
  static let pattern = #"^[0-9]{1,5}(\.[0-9]{1,3})?s?$"#
  private static let daySeconds = 86_400

  let duration: Duration

  init?(_ text: String) {
    let number = text.hasSuffix("s") ? text.dropLast() : text[...]
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = Self.digits(parts[0], countMax: 5) else { return nil }
    var milliseconds = 0
    if parts.count == 2 {
      guard let fraction = Self.digits(parts[1], countMax: 3) else { return nil }
      milliseconds = [100, 10, 1][parts[1].utf8.count - 1] * fraction
    }
    duration = min(.seconds(whole) + .milliseconds(milliseconds), .seconds(Self.daySeconds))
  }

  private static func digits(_ text: Substring, countMax: Int) -> Int? {
    text.utf8.count <= countMax ? Int(digits: text.utf8) : nil
  }
}
