/// How a client wants to be answered (`Prefer`, RFC 7240).
struct Preferences {
  /// Answer as soon as the command is stored.
  private(set) var isAsync = false
  /// Answer when it has ended, within so long.
  private(set) var wait: Duration?

  /// What is not known, or makes no sense, counts for nothing (section 2).
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
  /// Without blanks at its ends.
  var trimmed: Substring {
    var text = drop { $0 == " " || $0 == "\t" }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }
}
