import EventSourcing
import Sidecars

extension SidecarRole {
  /// Feeds the logic of sagas: takes books that are pushed, shows instances, and looks after parked
  /// ones. Following the logs is the work of the subscriptions beside it.
  static let saga = SidecarRole { process in
    guard let sagas = process.sagas else { return [] }
    let domains = sagas.domains()
    return [
      .sagaCoordinator(domains, deadlineDefault: process.configuration.command.deadline) { _, _ in
        ProcessorOutcome()
      },
      .sagas(sagas.sagas), .parked(domains),
    ]
  }
}
