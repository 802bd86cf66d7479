import Sidecars

extension SidecarRole {
  /// Feeds projector logic: takes books that are pushed, and looks after parked aggregates.
  /// Following the log is the work of the subscriptions beside it.
  static let projector = SidecarRole { process in
    let projecting = process.projecting ?? process.directory.projectingDomains()
    return [
      .projectorCoordinator(
        projecting, deadlineDefault: process.configuration.command.deadline),
      .parked(projecting),
    ]
  }
}
