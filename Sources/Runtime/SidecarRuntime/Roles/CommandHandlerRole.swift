import Sidecars

extension SidecarRole {
  /// Takes commands: asks the business logic, and stores what it decides.
  static let commandHandler = SidecarRole { process in
    let handlers = process.directory.commandHandlers(with: process.projecting) {
      process.watch?.look()
      process.publishing?.look()
    }
    return [
      .businessCoordinator(
        handlers, causes: Causes(in: process.storage),
        deadlineDefault: process.configuration.command.deadline)
    ]
  }
}
