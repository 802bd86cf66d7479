import SidecarConfiguration

/// Resolves what a test says, as the command line would.
package func resolve(
  flags: [String: String] = [:], command: [String] = [], environment: [String: String] = [:],
  yaml: String? = nil
) throws(ConfigurationError) -> Configuration {
  var sources = ConfigurationSources()
  sources.flags = flags
  sources.command = command
  sources.environment = environment
  sources.file = yaml.map { ConfigurationFile(path: "outrider.yaml", bytes: Array($0.utf8)) }
  return try sources.resolve()
}

/// What is reported about a configuration; empty where it is right.
package func problems(
  flags: [String: String] = [:], command: [String] = [], environment: [String: String] = [:],
  yaml: String? = nil
) -> [String] {
  do throws(ConfigurationError) {
    _ = try resolve(flags: flags, command: command, environment: environment, yaml: yaml)
    return []
  } catch {
    return error.problems.map(\.description)
  }
}
