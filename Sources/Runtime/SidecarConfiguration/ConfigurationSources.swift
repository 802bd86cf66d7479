import EventModel
import RPC

/// Everything that was said about how Outrider is to run, before any of it is understood.
///
/// What is nearer to the person wins: a flag over a variable, a variable over the file, the file
/// over OpenTelemetry's variables, these over the defaults.
public struct ConfigurationSources: Sendable {
  /// The values of flags, by the keys of their settings.
  public var flags: [String: String] = [:]
  /// What followed `--` on the command line: the program that serves the logic.
  public var command: [String] = []
  /// All variables of the process; those that begin with neither `OUTRIDER_` nor `OTEL_` are not
  /// looked at.
  public var environment: [String: String] = [:]
  public var file: ConfigurationFile?

  public init() {}

  /// The configuration that results, or every mistake that was found.
  public func resolve() throws(ConfigurationError) -> Configuration {
    var configuration = try resolution().configuration
    configuration.dropDisabledProjectors()
    configuration.dropHeadersInTheClear()
    if case .consul(let key)? = file?.location { configuration.consul = key }
    return configuration
  }

  /// The value of every setting, and where it comes from; or every mistake that was found.
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
  fileprivate mutating func dropDisabledProjectors() {
    for index in domains.indices { domains[index].projectors.removeAll { !$0.enabled } }
  }

  /// They may be keys. A file of them is refused at such an endpoint; here, traces are worth less
  /// than the process.
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
