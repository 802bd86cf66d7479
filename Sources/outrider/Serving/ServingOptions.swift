import ArgumentParser
import LiveConfiguration
import Logging
import SidecarConfiguration
import SidecarRuntime
import Telemetry

/// Options of every serving subcommand.
struct ServingOptions<Served: ServedRoles>: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The configuration: a file, or consul://HOST[:PORT]/KEY. \
      (default: \(ConfigurationFile.defaultPath), if it is there)
      """, valueName: "file|uri"))
  var config: String?

  @Flag(help: "Refuse to start where strangers could listen or call: --security-strict true.")
  var strictSecurity = false

  @OptionGroup(title: "Settings")
  var settings: SettingFlags<Served>

  /// All sources of settings, for display: a server of the configuration must answer at once.
  func sources(command: [String] = []) async throws -> ConfigurationSources {
    var sources = said(command)
    sources.file = try await ConfigurationReader(flag: config, environment: sources.environment)?
      .read()
    return sources
  }

  /// Prepares serving: waits until a server of the configuration answers. Throws
  /// `ExitCode.success` if the process is asked to end before.
  ///
  /// - Parameter label: the label of the log.
  func startup(_ label: String, command: [String] = []) async throws -> Startup {
    var sources = said(command)
    // Logs the wait. Only flags and environment can configure that log yet.
    let log = (try? sources.resolve())?.log ?? Configuration().log
    let reader = try ConfigurationReader(flag: config, environment: sources.environment)
    if let reader, reader.mayWait {
      let file = try await unlessStopped {
        try await reader.readWhenThere(LogOutput(log).logger(label))
      }
      guard let file else { throw ExitCode.success }
      sources.file = file
    } else {
      sources.file = try await reader?.read()
    }
    let configuration = try sources.resolve()
    let output = LogOutput(configuration.log)
    let logger = output.logger(label)
    return Startup(
      configuration: configuration, output: output, logger: logger,
      changes: try ConfigurationChanges(of: sources, log: output, logger: logger))
  }

  /// Flags, environment, and the command of the logic.
  private func said(_ command: [String]) -> ConfigurationSources {
    var sources = ConfigurationSources()
    sources.flags = settings.values
    if strictSecurity { sources.flags["security.strict"] = "true" }
    sources.command = command
    sources.environment = processEnvironment()
    return sources
  }
}

/// A configuration, and what depends only on it.
struct Startup {
  var configuration: Configuration
  let output: LogOutput
  let logger: Logger
  let changes: ConfigurationChanges?
}
