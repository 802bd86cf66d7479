import Sidecars

extension SidecarRole {
  /// Feeds the logic of sagas: takes books that are pushed, shows instances, and looks after parked
  /// ones. Following the logs is the work of the subscriptions beside it.
  static let saga = SidecarRole { process in
    guard let sagas = process.sagas, let domains = process.sagaDomains else { return [] }
    return [
      .sagaCoordinator(domains, deadlineDefault: process.configuration.command.deadline),
      .sagas(sagas.sagas), .parked(domains),
    ]
  }
}
