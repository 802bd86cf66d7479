import JSON

/// All that is wrong with what was configured, so that one start shows every mistake.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Never empty; in the order in which they were found.
  public var problems: [Problem]
  /// Whether the file was not even read.
  public var isOfUnreadableFile = false

  public init(problems: [Problem], isOfUnreadableFile: Bool = false) {
    self.problems = problems
    self.isOfUnreadableFile = isOfUnreadableFile
  }

  public var description: String { problems.map(\.description).joined(separator: "\n") }

  /// One mistake: what, where, and what would be right.
  public struct Problem: Equatable, Sendable, CustomStringConvertible {
    /// The setting that was meant, by its key, or the name that was found instead of one.
    public var key: String
    public var source: ConfigurationSource?
    /// What is wrong and what is allowed, without a full stop.
    public var message: String

    package init(key: String, source: ConfigurationSource?, message: String) {
      self.key = key
      self.source = source
      self.message = message
    }

    public var description: String {
      source.map { "\(key) (\($0)): \(message)" } ?? "\(key): \(message)"
    }
  }
}

/// Where a value was found.
public enum ConfigurationSource: Equatable, Sendable {
  case flag(String)
  case variable(String)
  case file(path: String, line: Int)
  /// What follows `--` on the command line.
  case command
}

extension ConfigurationError.Problem {
  /// A value that the setting does not take.
  static func badValue<Owner>(
    _ texts: [String], of setting: Setting<Owner>, at source: ConfigurationSource
  ) -> Self {
    let shown = setting.isList ? "the list" : quoted(withoutSecrets(texts.first ?? ""))
    return .init(
      key: setting.key, source: source, message: "\(shown) is refused; allowed: \(setting.allowed)")
  }

  /// A name that is no setting's, with the one that was probably meant.
  static func unknown(
    _ name: String, at source: ConfigurationSource, known: some Sequence<String>
  ) -> Self {
    let guess = nearest(to: name, in: known).map { "; did you mean \($0)?" } ?? ""
    return .init(key: shortened(name), source: source, message: "there is no such setting\(guess)")
  }
}

/// In quotes, and no longer than a person wants to read.
package func quoted(_ text: String) -> String { "\"\(shortened(text))\"" }

/// The beginning of a long text, with what would disturb a terminal left out.
package func shortened(_ text: String) -> String {
  let printable = text.unicodeScalars.prefix(81).map { scalar in
    scalar.controlsDisplay ? "\u{FFFD}" : String(scalar)
  }
  return printable.count > 80 ? printable.prefix(80).joined() + "…" : printable.joined()
}
