import Sidecars

extension SidecarRole {
  /// Feeds the logic of sagas: takes pushed books, shows instances, and manages parked ones.
  /// Subscriptions follow the logs.
  static let saga = SidecarRole { process in
    guard let sagas = process.sagas, let domains = process.sagaDomains else { return [] }
    return [
      .sagaCoordinator(domains, deadlineDefault: process.configuration.command.deadline),
      .sagas(sagas.sagas), .parked(domains),
    ]
  }
}
