import EventModel

/// Everything that was said about how Outrider is to run, before any of it is understood.
///
/// What is nearer to the person wins: a flag over a variable, a variable over the file, the file over
/// the defaults.
public struct ConfigurationSources: Sendable {
  /// The values of flags, by the keys of their settings.
  public var flags: [String: String] = [:]
  /// What followed `--` on the command line: the program that serves the logic.
  public var command: [String] = []
  /// All variables of the process; those that do not begin with `OUTRIDER_` are not looked at.
  public var environment: [String: String] = [:]
  public var file: ConfigurationFile?

  public init() {}

  /// The configuration that results, or every mistake that was found.
  public func resolve() throws(ConfigurationError) -> Configuration {
    var problems: [ConfigurationError.Problem] = []
    var configuration = Configuration()
    if let file {
      var reader = ConfigurationFileReader(path: file.path)
      reader.read(file.bytes, into: &configuration)
      problems += reader.problems
    }
    problems += unknownVariables()
    for setting in Setting.all {
      guard let (texts, source) = said(of: setting) else { continue }
      if let problem = configuration.set(setting, to: texts, at: source) {
        problems.append(problem)
      }
    }
    problems += problems.isEmpty ? configuration.contradictions() : []
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    configuration.dropDisabledProjectors()
    return configuration
  }

  /// What flags and environment say of a setting; nil where they do not mention it.
  private func said(of setting: Setting<Configuration>) -> ([String], ConfigurationSource)? {
    if setting.isList {
      return command.isEmpty ? nil : (command, .command)
    }
    if let text = flags[setting.key] { return ([text], .flag(setting.flag)) }
    return environment[setting.variable].map { ([$0], .variable(setting.variable)) }
  }
}

extension Configuration {
  /// Sets one value that flags or environment gave; what is wrong with it is answered.
  fileprivate mutating func set(
    _ setting: Setting<Configuration>, to texts: [String], at source: ConfigurationSource
  ) -> ConfigurationError.Problem? {
    func problem(_ message: String) -> ConfigurationError.Problem {
      .init(key: setting.key, source: source, message: message)
    }
    if setting.key == "domain", let name = texts.first, domains.contains(where: { $0.name != nil })
    {
      return select(name).map(problem)
    }
    if setting.scope != .process, domains.count != 1 {
      return problem("there are \(domains.count) domains; set it for each of them in the file")
    }
    if setting.scope == .projector, domains[0].projectors.count != 1 {
      let count = domains[0].projectors.count
      return problem("the domain has \(count) projectors; set it for each of them in the file")
    }
    return setting.assign(texts, &self) ? nil : .badValue(texts, of: setting, at: source)
  }

  /// Keeps only the domain of that name, of those that the file lists.
  private mutating func select(_ name: String) -> String? {
    guard let domain = domains.first(where: { $0.name == Name(name) }) else {
      let names = domains.compactMap(\.name?.text).joined(separator: ", ")
      return "\(quoted(name)) is not in the file; allowed: \(names)"
    }
    domains = [domain]
    return nil
  }

  fileprivate mutating func dropDisabledProjectors() {
    for index in domains.indices { domains[index].projectors.removeAll { !$0.enabled } }
  }
}
