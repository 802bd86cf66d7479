import Sidecars

extension SidecarRole {
  /// Takes commands: asks the business logic, and stores what it decides. Carrying out what was
  /// dispatched is the work of the subscriptions beside it.
  static let commandHandler = SidecarRole { process in
    guard let handlers = process.handlers else { return [] }
    let causes = Causes(in: process.storage)
    let deadline = process.configuration.command.deadline
    let dispatchers = process.directory.commandDispatchers { process.carrying?.look() }
    return [
      .businessCoordinator(handlers, causes: causes, deadlineDefault: deadline),
      .commands(dispatchers, process.consumers, causes: causes, deadlineDefault: deadline),
      .schemas(QueriedDomains(storage: process.storage, served: process.directory.readableNames)),
    ]
  }
}
