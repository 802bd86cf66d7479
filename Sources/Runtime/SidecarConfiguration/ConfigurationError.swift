import JSON

/// All errors of a configuration, so that one start shows every mistake.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Never empty; in the order found.
  public var problems: [Problem]
  /// True if the file could not be read.
  public var isOfUnreadableFile = false

  public init(problems: [Problem], isOfUnreadableFile: Bool = false) {
    self.problems = problems
    self.isOfUnreadableFile = isOfUnreadableFile
  }

  public var description: String { problems.map(\.description).joined(separator: "\n") }

  /// One mistake: what, where, and what would be right.
  public struct Problem: Equatable, Sendable, CustomStringConvertible {
    /// The setting's key, or the unknown name.
    public var key: String
    public var source: ConfigurationSource?
    /// The error and the allowed values, without a full stop.
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

/// The source of a value.
public enum ConfigurationSource: Equatable, Sendable {
  case flag(String)
  case variable(String)
  case file(path: String, line: Int)
  /// The arguments after `--` on the command line.
  case command
}

extension ConfigurationError.Problem {
  /// A value that the setting does not accept.
  static func badValue<Owner>(
    _ texts: [String], of setting: Setting<Owner>, at source: ConfigurationSource
  ) -> Self {
    let shown = setting.isList ? "the list" : quoted(withoutSecrets(texts.first ?? ""))
    return .init(
      key: setting.key, source: source, message: "\(shown) is refused; allowed: \(setting.allowed)")
  }

  /// An unknown name, with the likely one.
  static func unknown(
    _ name: String, at source: ConfigurationSource, known: some Sequence<String>
  ) -> Self {
    let guess = nearest(to: name, in: known).map { "; did you mean \($0)?" } ?? ""
    return .init(key: shortened(name), source: source, message: "there is no such setting\(guess)")
  }
}

/// Quoted, and shortened for people.
package func quoted(_ text: String) -> String { "\"\(shortened(text))\"" }

/// The beginning of a long text, without characters that control a terminal.
package func shortened(_ text: String) -> String {
  let printable = text.unicodeScalars.prefix(81).map { scalar in
    scalar.controlsDisplay ? "\u{FFFD}" : String(scalar)
  }
  return printable.count > 80 ? printable.prefix(80).joined() + "…" : printable.joined()
}
