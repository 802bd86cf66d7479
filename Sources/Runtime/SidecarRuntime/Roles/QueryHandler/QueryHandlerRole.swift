import EventSourcing
import Sidecars

extension SidecarRole {
  /// Answers queries for events, projections, the log and causes, and feeds subscriptions.
  static let queryHandler = SidecarRole { process in
    let domains = QueriedDomains(storage: process.storage, served: process.directory.readableNames)
    return [
      .eventQuery(domains, process.consumers), .log(domains, process.consumers), .trace(domains),
      process.schemaService,
      .subscriptions(domains, process.consumers),
      .projections(
        domains, process.consumers, live: process.live,
        readYourWrites: ReadYourWrites(process.marks),
        deadlineDefault: process.configuration.command.deadline),
    ]
  }
}
