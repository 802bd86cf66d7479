import EventModel
import EventSourcing
import RPC
import SidecarConfiguration
import Sidecars

/// Answers queries for events, projections, the log and causes, and feeds subscriptions.
struct QueryHandlerRole: SidecarRole {
  static let role = Role.queryHandler
  static let needs: RoleNeeds = .history

  /// Durable subscriptions.
  static func followers(
    of domain: Name, in directory: DomainDirectory
  ) async throws -> [Follower] {
    let store = try await directory.storage.domain(domain)
    let listed = try await SubscriptionRegistry(store).list(after: nil, limit: 100)
    return listed.subscriptions.flatMap { subscription in
      Follower.each(of: store) { Follower(subscription, partition: $0, in: store) }
    }
  }

  let shared: SharedParts

  init(_ shared: SharedParts) { self.shared = shared }

  var services: [RPC.Service] {
    let domains = QueriedDomains(storage: shared.storage, served: shared.directory.readableNames)
    return [
      .eventQuery(domains, shared.consumers), .log(domains, shared.consumers), .trace(domains),
      shared.schemaService,
      .subscriptions(domains, shared.consumers),
      .projections(
        domains, shared.consumers, live: shared.live,
        readYourWrites: ReadYourWrites(shared.marks),
        deadlineDefault: shared.configuration.command.deadline),
    ]
  }
}
