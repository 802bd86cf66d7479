import JSON
import Logging

extension LogRecord {
  /// A line for people, with its end:
  /// `09:41:07.042Z warning  logic is away, trying again  domain=bank tries=3`.
  var textLine: String {
    var line = moment?.timeOfDay(fractionDigits: 3) ?? "?"
    line += " \(level.rawValue)"
    line += String(repeating: " ", count: max(1, 9 - level.rawValue.utf8.count))
    line += message.displayed
    for (index, entry) in metadata.enumerated() {
      line += index == 0 ? "  " : " "
      line += "\(entry.key.displayed)=\(word(entry.value))"
    }
    return line + "\n"
  }
}

/// A value without blanks unchanged, else in quotes.
private func word(_ value: Logger.MetadataValue) -> String {
  let text = "\(value)".displayed
  let plain =
    !text.isEmpty && text.unicodeScalars.allSatisfy { $0 != " " && $0 != "\"" && $0 != "=" }
  return plain ? text : "\"" + text.map { $0 == "\"" ? "\\\"" : String($0) }.joined() + "\""
}
