/// A configuration file with every setting at its default, each with its documentation.
public enum ConfigurationExample {
  private static let columns = 96

  /// The whole file. Parsing it gives the defaults.
  public static let text: String =
    """
    # Every setting of Outrider, at its default; those without one are commented out.
    #
    #   outrider config check FILE    says what is wrong with a file
    #   outrider config show          says what is in force, and where it comes from
    #
    # Outrider takes outrider.yaml in its working directory, or the file that --config or
    # OUTRIDER_CONFIG names, or the value of consul://HOST[:PORT]/KEY. A flag wins over an
    # environment variable, and a variable over the file: limit.cache-size is --limit-cache-size and
    # OUTRIDER_LIMIT_CACHE_SIZE.

    """ + documented(Setting.all).joined(separator: "\n") + """


      # Several domains are listed, in place of domain, logic and projector. Flags and variables set
      # these only where there is one domain.
      #

      """ + commented(domains) + """


      # What turns events into commands: see docs/sagas.md.
      #

      """ + commented(sagas) + """


      # Where the commands of sagas go. The first route that names a domain counts; domains without
      # one are served here, or by command-handler.
      #

      """ + commented(routes) + """


      # Who may do what: a call is allowed if one rule allows it. Without rules, every caller may do
      # everything. Callers prove who they are by certificate or token: see docs/security.md.
      #

      """ + commented(policy) + "\n"

  /// A list of domains, for a comment.
  static let domains =
    ["domains:"]
    + item(plain(Setting.ofEachDomain) + ["projectors:"] + item(plain(Setting.ofEachProjector)))

  /// A list of sagas, for a comment.
  static let sagas = ["sagas:"] + item(plain(Setting.ofEachSaga))

  /// A list of routes, for a comment.
  static let routes = ["routes:"] + item(plain(Setting.ofEachRoute))

  /// A policy, for a comment.
  static let policy = ["policy:"] + item(plain(Setting.ofEachRule))

  /// Each setting below its documentation; commented out if it has no default.
  private static func documented<Owner>(_ settings: [Setting<Owner>]) -> [String] {
    sections(settings) { name, setting in
      let text = "\(setting.summary) Allowed: \(setting.allowed)."
      let value = setting.defaultText
      return [""] + wrapped(text).map { "# \($0)" }
        + [value.isEmpty ? "# \(name): \(setting.example)" : "\(name): \(value)"]
    }
  }

  /// Each setting with its default, or else an example.
  private static func plain<Owner>(_ settings: [Setting<Owner>]) -> [String] {
    sections(settings) { name, setting in
      ["\(name): \(setting.defaultText.isEmpty ? setting.example : setting.defaultText)"]
    }
  }

  /// Settings below the sections that their keys name.
  private static func sections<Owner>(
    _ settings: [Setting<Owner>], in section: String = "",
    _ lines: (_ name: String, Setting<Owner>) -> [String]
  ) -> [String] {
    var result: [String] = []
    var seen: Set<String> = []
    for setting in settings {
      let rest = setting.key.dropFirst(section.count)
      guard let dot = rest.firstIndex(of: ".") else {
        result += lines(String(rest), setting)
        continue
      }
      let inner = "\(section)\(rest[...dot])"
      guard seen.insert(inner).inserted else { continue }
      result += ["", "\(rest[..<dot]):"]
      result += sections(settings.filter { $0.key.hasPrefix(inner) }, in: inner, lines)
        .map { $0.isEmpty ? "" : "  \($0)" }
    }
    return result
  }

  /// Formats the lines as the one entry of a list.
  private static func item(_ lines: [String]) -> [String] {
    lines.filter { !$0.isEmpty }.enumerated().map {
      $0.offset == 0 ? "  - \($0.element)" : "    \($0.element)"
    }
  }

  private static func commented(_ lines: [String]) -> String {
    lines.map { "# \($0)" }.joined(separator: "\n")
  }

  private static func wrapped(_ text: String) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      let longer = lines[lines.count - 1].isEmpty ? "\(word)" : "\(lines[lines.count - 1]) \(word)"
      if longer.count > columns { lines.append("\(word)") } else { lines[lines.count - 1] = longer }
    }
    return lines
  }
}
