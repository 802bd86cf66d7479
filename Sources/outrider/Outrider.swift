import ArgumentParser
import SidecarRuntime

/// The command line: `outrider SUBCOMMAND …`.
@main
struct Outrider: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outrider",
    abstract: "Event sourcing and CQRS beside business logic in any language.",
    discussion: Outcome.help,
    version: Outrider.version,
    groupedSubcommands: [
      CommandGroup(
        name: "Serving",
        subcommands: [
          Run.self, ServeCommandHandler.self, ServeQueryHandler.self, ServeProjector.self,
        ]),
      CommandGroup(
        name: "Asking a running Outrider",
        subcommands: [
          Send.self, Events.self, Roots.self, Log.self, Projections.self, Parked.self, Health.self,
        ]),
      CommandGroup(name: "Other", subcommands: [Settings.self, Version.self]),
    ])

  /// Of the executable, by semantic versioning.
  static let version = "0.1.0"

  /// Runs the subcommand, and exits with what `Outcome` says of its outcome.
  static func main() async {
    removeDriverFiles()
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      Outcome.exit(after: error)
    }
  }
}
