import EventModel
import RPC

/// All unparsed sources of settings.
///
/// Precedence: flags, variables, file, OpenTelemetry's variables, defaults.
public struct ConfigurationSources: Sendable {
  /// Values of flags, by their settings' keys.
  public var flags: [String: String] = [:]
  /// The arguments after `--` on the command line: the program that serves the logic.
  public var command: [String] = []
  /// All variables of the process; only those that begin with `OUTRIDER_` or `OTEL_` are read.
  public var environment: [String: String] = [:]
  public var file: ConfigurationFile?

  public init() {}

  /// The resulting configuration. Throws every error found.
  public func resolve() throws(ConfigurationError) -> Configuration {
    var configuration = try resolution().configuration
    configuration.dropDisabledProjectors()
    configuration.dropHeadersInTheClear()
    if case .consul(let key)? = file?.location { configuration.consul = key }
    return configuration
  }

  /// The value and source of every setting. Throws every error found.
  public func effectiveSettings() throws(ConfigurationError) -> [EffectiveSetting] {
    try resolution().effectiveSettings
  }

  private func resolution() throws(ConfigurationError) -> Resolution {
    var resolution = Resolution()
    resolution.read(OpenTelemetryVariables(environment))
    if let file { resolution.read(file) }
    resolution.problems += unknownVariables()
    for setting in Setting.all {
      guard let (texts, source) = said(of: setting) else { continue }
      resolution.set(setting, to: texts, at: source)
    }
    if resolution.problems.isEmpty { resolution.findContradictions() }
    guard resolution.problems.isEmpty else {
      throw ConfigurationError(problems: resolution.problems)
    }
    return resolution
  }

  /// The setting's values from flags and environment; nil if neither has it.
  private func said(of setting: Setting<Configuration>) -> ([String], ConfigurationSource)? {
    if setting.isList {
      return command.isEmpty ? nil : (command, .command)
    }
    if let text = flags[setting.key] { return ([text], .flag(setting.flag)) }
    return environment[setting.variable].map { ([$0], .variable(setting.variable)) }
  }
}

extension Configuration {
  fileprivate mutating func dropDisabledProjectors() {
    for index in domains.indices { domains[index].projectors.removeAll { !$0.enabled } }
  }

  /// Headers may be keys. For such an endpoint a file of headers is refused; these only disable
  /// traces, which matter less than the process.
  fileprivate mutating func dropHeadersInTheClear() {
    guard !traces.headers.isEmpty, let collector = traces.endpoint, collector.isInTheClear else {
      return
    }
    traces.headers = Metadata()
    unheeded.append(
      "the headers of OTEL_ variables would go to \(collector) in the clear and are left out; "
        + "use https://")
  }
}
