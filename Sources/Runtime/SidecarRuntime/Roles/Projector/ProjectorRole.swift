import EventSourcing
import RPC
import Sidecars

extension SidecarRole {
  /// Feeds projector logic: takes pushed books, and manages parked aggregates and dead letters.
  /// Subscriptions follow the log.
  static let projector = SidecarRole { process in
    let source = process.configuration.source
    let projecting = process.projecting ?? process.directory.projectingDomains()
    var services: [Service] = [
      .projectorCoordinator(
        projecting, deadlineDefault: process.configuration.command.deadline),
      .parked(projecting),
      .rebuilds(
        projecting, live: process.live, readYourWrites: ReadYourWrites(process.marks),
        switchPatience: process.configuration.command.deadline),
      .deadLetters(projecting, source: source.isChannel ? nil : source.rawValue),
    ]
    if source != .log {
      // No other process sees the store that holds them.
      services.append(
        .projections(
          QueriedDomains(storage: process.storage, served: process.directory.names),
          process.consumers, live: process.live, readYourWrites: ReadYourWrites(process.marks),
          deadlineDefault: process.configuration.command.deadline))
    }
    return services
  }
}
