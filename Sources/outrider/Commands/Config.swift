import ArgumentParser
import JSON
import LiveConfiguration
import SidecarConfiguration
import SidecarRuntime

/// Subcommands for the configuration.
struct Config: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Check the configuration, show it, or begin one.",
    subcommands: [Check.self, Show.self, Example.self])

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what is wrong with a configuration.",
      discussion:
        """
        Each mistake is told with its key and its line, those in files of rules for sagas, too. \
        Flags and environment do not count.
        """)

    @Argument(help: "The file, or consul://HOST[:PORT]/KEY.")
    var file = ConfigurationFile.defaultPath

    func run() async throws {
      var sources = ConfigurationSources()
      sources.file = try await ConfigurationReader(flag: file, environment: processEnvironment())?
        .read()
      try sources.resolve().checkSagaRules()
      var output = StandardOutput()
      try output.line("\(file) is right")
      try output.flush()
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what every setting comes to, and where its value is from.",
      discussion: "Takes the same flags as `outrider run`. Passwords are not shown.")

    @OptionGroup var options: ServingOptions<EveryRole>
    @Flag(help: "One JSON object for each setting.") var json = false

    func run() async throws {
      let settings = try await options.sources().effectiveSettings()
      let width = settings.map { $0.key.count + $0.value.count + 2 }.max() ?? 0
      var output = StandardOutput()
      for setting in settings {
        let text = padded("\(setting.key): \(setting.value)", min(width, 60))
        try output.line(json ? object(setting).text : "\(text)  # \(origin(of: setting))")
      }
      try output.flush()
    }

    private func origin(of setting: EffectiveSetting) -> String {
      setting.source?.description ?? "default"
    }

    private func object(_ setting: EffectiveSetting) -> JSONValue {
      [
        "key": .string(setting.key), "value": .string(setting.value),
        "source": .string(origin(of: setting)),
      ]
    }
  }

  struct Example: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a configuration file with every setting at its default.",
      discussion: "Example: outrider config example > outrider.yaml")

    func run() throws {
      var output = StandardOutput()
      for line in ConfigurationExample.text.split(
        separator: "\n", omittingEmptySubsequences: false
      ).dropLast() {
        try output.line(String(line))
      }
      try output.flush()
    }
  }
}
