import ArgumentParser
import Logging
import SidecarConfiguration
import SidecarRuntime
import Telemetry

/// Serves one role, as in a pod.
struct ServeCommandHandler: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: Role.commandHandler.rawValue,
    abstract: "Serve commands: ask the business logic, and store what it decides.",
    discussion: settingsHelp)

  @OptionGroup var options: ServingOptions<CommandHandlerRole>

  func run() async throws { try await serve(.commandHandler, options) }
}

struct ServeQueryHandler: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: Role.queryHandler.rawValue,
    abstract: "Serve queries for events, aggregate roots, projections and the log.",
    discussion: settingsHelp)

  @OptionGroup var options: ServingOptions<QueryHandlerRole>

  func run() async throws { try await serve(.queryHandler, options) }
}

struct ServeProjector: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Feed the projector logic with events, and store its projections.",
    discussion: settingsHelp)

  @OptionGroup var options: ServingOptions<ProjectorRole>

  func run() async throws { try await serve(.projector, options) }
}

struct ServeSaga: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Feed the logic of sagas with events, and send the commands that it wants sent.",
    discussion: settingsHelp)

  @OptionGroup var options: ServingOptions<SagaRole>

  func run() async throws { try await serve(.saga, options) }
}

struct ServeRelay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: Role.relay.rawValue,
    abstract: "Publish the log to the message channel, apart from the command-handlers.",
    discussion: """
      A command-handler does that by itself where a channel is configured. Of several relays one \
      is active for each partition, and another takes its place within two seconds.

      \(settingsHelp)
      """)

  @OptionGroup var options: ServingOptions<RelayRole>

  func run() async throws { try await serve(.relay, options) }
}

struct ServeGateway: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: Role.gateway.rawValue,
    abstract: "Offer commands, events, projections and the log over HTTP/1.1, in JSON.",
    discussion: """
      It calls a command-handler and a query-handler with the credentials of its own callers, and \
      keeps nothing. /openapi.json describes what there is.

      \(settingsHelp)
      """)

  @OptionGroup var options: ServingOptions<GatewayRole>

  func run() async throws { try await serve(.gateway, options) }
}

let settingsHelp = """
  Each setting can also be given in the environment, as `outrider settings` shows, or in \
  \(ConfigurationFile.defaultPath), of which `outrider config example` shows one. A flag wins over \
  a variable, and a variable over the file. Settings of other roles are taken, too. Consul can have \
  the same text under a key; CONSUL_HTTP_TOKEN is shown to it.
  """

private func serve<Served: ServedRoles>(_ role: Role, _ options: ServingOptions<Served>)
  async throws
{
  let startup = try await options.startup(role.rawValue)
  let logger = startup.logger
  let process = SidecarProcess(
    startup.configuration, roles: [role], version: Outrider.version, logger: logger,
    changes: startup.changes)
  try await process.run { progress in
    guard case .listening(let listening) = progress else { return }
    for (name, address) in listening {
      let verb = name == "metrics" ? "are served" : "listens"
      logger.notice("\(name) \(verb) on \(address)")
    }
  }
  logger.notice("stopped")
}
