import EventModel
import EventSourcing
import RPC
import ServiceLifecycle
import SidecarConfiguration
import Sidecars
import Telemetry

/// Takes commands: asks the business logic, and stores its decisions. Subscriptions carry out
/// dispatched commands.
struct CommandHandlerRole: SidecarRole {
  static let role = Role.commandHandler
  static let needs: RoleNeeds = [.history, .schemas, .commandChannel]

  static func logic(in configuration: Configuration) -> [LogicUse] {
    configuration.domains.map { domain in
      LogicUse(
        of: domain.logic, for: "business logic" + (domain.name.map { " of \($0)" } ?? ""))
    }
  }

  /// Carriers of the commands dispatched to a domain, and its intake from the channel.
  static func followers(
    of domain: Name, in directory: DomainDirectory
  ) async throws -> [Follower] {
    var followers: [Follower] = []
    let (storage, commands) = (directory.storage, Name.commands(of: domain))
    if try await storage.exists(commands) {
      let store = try await storage.domain(commands)
      followers += Follower.each(of: store) { partition in
        Follower(
          .carrier, CommandCarrier.subscription, partition: partition, in: store,
          agenda: .dueCommands(ofPartition: partition))
      }
    }
    if let channel = directory.commands, directory.roles.contains(role),
      directory.names?.contains(domain) == true
    {
      let intake = CommandIntake.subscription(to: channel)
      followers.append(Follower(intake: intake, in: try await storage.domain(commands)))
    }
    return followers
  }

  let shared: SharedParts
  /// The command handlers of each domain.
  let handlers: ServedDomains<CommandHandler>
  /// Nil if snapshots are stored in their commits.
  private let shelf: Shelf?
  /// Starts publishing each domain once it exists; nil if there is no message channel.
  private let publishing: DomainWatch?
  /// The dispatchers of asynchronous commands.
  let dispatchers: ServedDomains<CommandDispatcher>
  /// Starts carrying out dispatched commands once there are some.
  let carrying: DomainWatch

  init(_ shared: SharedParts) throws {
    self.shared = shared
    let directory = shared.directory
    let shelf = try shared.configuration.openShelf(shared.logger)
    let publishing = directory.publishing(logger: shared.logger)
    let handlers = directory.commandHandlers(shelf: shelf) {
      directory.roles.find(ProjectorRole.self)?.watch.look()
      publishing?.look()
    }
    (self.shelf, self.publishing, self.handlers) = (shelf, publishing, handlers)
    let carrying = DomainWatch(
      histories: shared.storage, where: { $0.domainOfCommands.map(directory.serves) ?? false },
      logger: shared.logger, follow: { try await directory.carryOut($0, with: handlers) })
    self.carrying = carrying
    dispatchers = directory.commandDispatchers { carrying.look() }
    try takeCommands()
  }

  var services: [RPC.Service] {
    let causes = Causes(in: shared.storage)
    let deadline = shared.configuration.command.deadline
    let letters = shared.commands.map { channel in
      Service.deadLetters(ofCommandsFor: shared.directory.names ?? [], on: channel)
    }
    return [
      .businessCoordinator(handlers, causes: causes, deadlineDefault: deadline),
      .commands(dispatchers, shared.consumers, causes: causes, deadlineDefault: deadline),
      shared.schemaService,
    ] + [letters].compactMap(\.self)
  }

  var background: [any ServiceLifecycle.Service] { [publishing, carrying].compactMap(\.self) }

  var measured: [any Measured] { [shelf?.watch].compactMap(\.self) }

  func govern(_ health: HealthTable) { shared.writes.govern(health) }
}
