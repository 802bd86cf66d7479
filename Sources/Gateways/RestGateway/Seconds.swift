/// A time as a header or a query gives it: `5`, `2.5` or `5s`, above 0 and up to a day.
struct Seconds {
  let duration: Duration

  init?(_ text: String) {
    let number = text.hasSuffix("s") ? text.dropLast() : text[...]
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = Int(parts[0]), (0...86_400).contains(whole) else {
      return nil
    }
    var duration = Duration.seconds(whole)
    if parts.count == 2 {
      guard (1...3).contains(parts[1].utf8.count), let fraction = UInt16(parts[1]) else {
        return nil
      }
      let milliseconds = [100, 10, 1][parts[1].utf8.count - 1] * Int(fraction)
      duration += .milliseconds(milliseconds)
    }
    guard duration > .zero, duration <= .seconds(86_400) else { return nil }
    self.duration = duration
  }
}
