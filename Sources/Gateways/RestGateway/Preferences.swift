/// A client's preferences for the answer (`Prefer`, RFC 7240).
struct Preferences {
  /// Answer as soon as the command is stored.
  private(set) var isAsync = false
  /// Answer when the command has ended, within this time.
  private(set) var wait: Duration?

  /// Ignores unknown and malformed preferences (section 2).
  init(_ header: String?) {
    for preference in (header ?? "").split(whereSeparator: { $0 == "," || $0 == ";" }) {
      let parts = preference.split(separator: "=", maxSplits: 1).map { part in
        part.trimmed.filter { $0 != "\"" }.lowercased()
      }
      switch parts.first {
      case "respond-async": isAsync = true
      case "wait" where parts.count == 2: wait = Seconds(parts[1])?.duration
      default: break
      }
    }
  }
}

extension Substring {
  /// Without blanks at either end.
  var trimmed: Substring {
    var text = drop { $0 == " " || $0 == "\t" }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }
}
