import EventSourcing
import Sidecars

extension SidecarRole {
  /// Answers queries for events, projections, the log and causes, and feeds subscriptions.
  static let queryHandler = SidecarRole { process in
    let domains = QueriedDomains(storage: process.storage, served: process.directory.readableNames)
    return [
      .eventQuery(domains), .log(domains), .trace(domains), .schemas(domains),
      .subscriptions(domains, process.consumers),
      .projections(
        domains, live: process.live, readYourWrites: ReadYourWrites(process.marks),
        deadlineDefault: process.configuration.command.deadline),
    ]
  }
}
