import ArgumentParser
import SidecarConfiguration

/// What every serving subcommand is told.
struct ServingOptions<Served: ServedRoles>: ParsableArguments {
  @Option(
    help: "The configuration file. (default: \(ConfigurationFile.defaultPath), if it is there)")
  var config: String?

  @Flag(help: "Refuse to start where strangers could listen or call: --security-strict true.")
  var strictSecurity = false

  @OptionGroup(title: "Settings")
  var settings: SettingFlags<Served>

  /// The configuration that results from flags, environment and file.
  func configuration(command: [String] = []) throws -> Configuration {
    try sources(command: command).resolve()
  }

  func sources(command: [String] = []) throws -> ConfigurationSources {
    var sources = ConfigurationSources()
    sources.flags = settings.values
    if strictSecurity { sources.flags["security.strict"] = "true" }
    sources.command = command
    sources.environment = processEnvironment()
    sources.file = try ConfigurationFile.find(flag: config, environment: sources.environment)
    return sources
  }
}
