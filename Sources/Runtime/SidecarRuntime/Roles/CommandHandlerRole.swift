import Sidecars

extension SidecarRole {
  /// Takes commands: asks the business logic, and stores what it decides.
  static let commandHandler = SidecarRole { process in
    guard let handlers = process.handlers else { return [] }
    return [
      .businessCoordinator(
        handlers, causes: Causes(in: process.storage),
        deadlineDefault: process.configuration.command.deadline)
    ]
  }
}
