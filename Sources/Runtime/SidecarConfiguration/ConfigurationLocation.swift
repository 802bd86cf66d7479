import Glibc

/// The location of a configuration.
public enum ConfigurationLocation: Sendable, Equatable {
  case file(String)
  case consul(ConsulKey)
}

extension ConfigurationLocation: LosslessStringConvertible {
  /// Nil if the text begins like a key's URI, but is malformed.
  public init?(_ text: String) {
    if text.hasPrefix("consul:") || text.hasPrefix("consul+tls:") {
      guard let key = ConsulKey(text) else { return nil }
      self = .consul(key)
    } else {
      self = .file(text)
    }
  }

  public var description: String {
    switch self {
    case .file(let path): path
    case .consul(let key): key.description
    }
  }
}

extension ConfigurationLocation {
  /// Allowed values of a flag or a variable.
  static let allowed = "the path of a file, or consul://HOST[:PORT]/KEY"

  /// A location, and who named it, for errors.
  public struct Choice: Sendable, Equatable {
    public let location: ConfigurationLocation
    /// Nil: the default.
    public let source: ConfigurationSource?
  }

  /// The location by precedence: the flag, `OUTRIDER_CONFIG`, Evented's variables, `outrider.yaml`
  /// if it exists; else nil.
  public static func choose(
    flag: String?, environment: [String: String]
  ) throws(ConfigurationError) -> Choice? {
    if let flag { return try Choice(flag, namedBy: .flag("--config")) }
    let variable = ConfigurationSources.fileVariable
    if let text = environment[variable] { return try Choice(text, namedBy: .variable(variable)) }
    if let choice = try EventedVariables(environment).choice { return choice }
    guard access(ConfigurationFile.defaultPath, F_OK) == 0 else { return nil }
    return Choice(location: .file(ConfigurationFile.defaultPath), source: nil)
  }
}

extension ConfigurationLocation.Choice {
  fileprivate init(
    _ text: String, namedBy source: ConfigurationSource
  ) throws(ConfigurationError) {
    guard let location = ConfigurationLocation(text) else {
      throw ConfigurationError(refused: text, at: source, allowed: ConfigurationLocation.allowed)
    }
    self.init(location: location, source: source)
  }
}

/// Evented's variables that locate the configuration in Consul.
private struct EventedVariables {
  private let environment: [String: String]

  init(_ environment: [String: String]) {
    self.environment = environment.filter { !$0.value.isEmpty }
  }

  /// Nil if they are not set.
  var choice: ConfigurationLocation.Choice? {
    get throws(ConfigurationError) {
      guard let type = environment[ConfigurationSources.managementVariable] else { return nil }
      guard type == "consul" else {
        throw refusal(of: type, in: ConfigurationSources.managementVariable, allowed: "consul")
      }
      let key = environment["CONSUL_KEY"] ?? ""
      guard ConsulKey.isKey(key.hasPrefix("/") ? key.dropFirst() : key[...]) else {
        throw refusal(of: key, in: "CONSUL_KEY", allowed: "a key, such as outrider/bank")
      }
      let host = environment["CONSUL_HOST"] ?? "127.0.0.1"
      let scheme = try isSecure ? "consul+tls" : "consul"
      let path = key.hasPrefix("/") ? key : "/\(key)"
      guard let place = ConsulKey("\(scheme)://\(host)\(path)"), !host.contains("/") else {
        throw refusal(of: host, in: "CONSUL_HOST", allowed: "HOST or HOST:PORT")
      }
      return .init(location: .consul(place), source: .variable("CONSUL_KEY"))
    }
  }

  /// Reads the variable as Consul's own programs do.
  private var isSecure: Bool {
    get throws(ConfigurationError) {
      let text = environment["CONSUL_HTTP_SSL"] ?? "false"
      switch text.lowercased() {
      case "1", "t", "true": return true
      case "0", "f", "false": return false
      default: throw refusal(of: text, in: "CONSUL_HTTP_SSL", allowed: "true or false")
      }
    }
  }

  private func refusal(
    of text: String, in variable: String, allowed: String
  ) -> ConfigurationError {
    ConfigurationError(refused: text, at: .variable(variable), allowed: allowed)
  }
}

extension ConfigurationError {
  /// Consul has nothing under a key.
  package static func missing(_ key: ConsulKey, namedBy source: ConfigurationSource?) -> Self {
    ConfigurationError(
      problems: [
        .init(
          key: "config", source: source,
          message: """
            Consul at \(key.agent) has no key \(quoted(key.key)); put it there with \
            `consul kv put \(key.key) @\(ConfigurationFile.defaultPath)`, or the examples with \
            `make load_all`
            """)
      ], isOfUnreadableFile: true)
  }

  fileprivate init(refused text: String, at source: ConfigurationSource, allowed: String) {
    self.init(problems: [
      .init(
        key: "config", source: source, message: "\(quoted(text)) is refused; allowed: \(allowed)")
    ])
  }
}
