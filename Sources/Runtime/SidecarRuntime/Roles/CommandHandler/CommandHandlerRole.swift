import RPC
import Sidecars

extension SidecarRole {
  /// Takes commands: asks the business logic, and stores its decisions. Subscriptions carry out
  /// dispatched commands.
  static let commandHandler = SidecarRole { process in
    guard let handlers = process.handlers else { return [] }
    let causes = Causes(in: process.storage)
    let deadline = process.configuration.command.deadline
    let dispatchers = process.directory.commandDispatchers { process.carrying?.look() }
    let letters = process.commands.map { channel in
      Service.deadLetters(ofCommandsFor: process.directory.names ?? [], on: channel)
    }
    return [
      .businessCoordinator(handlers, causes: causes, deadlineDefault: deadline),
      .commands(dispatchers, process.consumers, causes: causes, deadlineDefault: deadline),
      process.schemaService,
    ] + [letters].compactMap(\.self)
  }
}
