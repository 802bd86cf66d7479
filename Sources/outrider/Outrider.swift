import ArgumentParser
import SidecarConfiguration

/// The command line: `outrider SUBCOMMAND …`.
@main
struct Outrider: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outrider",
    abstract: "Event sourcing and CQRS beside business logic in any language.",
    discussion: "Exit codes: see `outrider exit-codes`.",
    version: Outrider.version,
    groupedSubcommands: [
      CommandGroup(
        name: "Serving",
        subcommands: [
          Run.self, ServeCommandHandler.self, ServeQueryHandler.self, Projector.self, Saga.self,
          ServeRelay.self, ServeGateway.self,
        ]),
      CommandGroup(
        name: "Asking a running Outrider",
        subcommands: [
          Send.self, DispatchedCommands.self, Events.self, Roots.self, Log.self, Trace.self,
          SchemaCommand.self, Subscribe.self, Subscriptions.self,
          Projections.self, Parked.self, DeadLetters.self, Status.self, Health.self, Contexts.self,
        ]),
      CommandGroup(
        name: "Other",
        subcommands: [Config.self, Settings.self, ExitCodes.self, Version.self]),
    ])

  /// The executable's semantic version.
  static let version = "0.1.0"

  static var _errorPrefix: String { "outrider: " }

  /// Runs the subcommand, and exits with the code of its `Outcome`.
  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let path = CommandPath(arguments)
    var command = parsed(arguments, path)
    do {
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      Outcome.exit(after: error, of: path.text)
    }
  }

  /// Exits if the command line is wrong or asks for help.
  private static func parsed(_ arguments: [String], _ path: CommandPath) -> any ParsableCommand {
    do { return try parseAsRoot(arguments) } catch {
      if exitCode(for: error) == .validationFailure, let mistake = path.mistake(in: arguments) {
        Outcome.exit(after: Failure(.usage, mistake), of: path.text)
      }
      exit(withError: error)
    }
  }
}
