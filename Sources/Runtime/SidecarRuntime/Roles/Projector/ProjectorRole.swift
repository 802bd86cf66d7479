import EventModel
import EventSourcing
import RPC
import ServiceLifecycle
import SidecarConfiguration
import Sidecars

/// Feeds projector logic: takes pushed books, and manages parked aggregates and dead letters.
/// Subscriptions follow the log.
struct ProjectorRole: SidecarRole {
  static let role = Role.projector
  static let needs: RoleNeeds = [.store]

  static func logic(in configuration: Configuration) -> [LogicUse] {
    configuration.domains.flatMap(\.projectors).map {
      LogicUse(of: LogicAddress($0.logic), for: $0.name.text)
    }
  }

  /// The subscriptions that feed each projector's generations.
  static func followers(
    of domain: Name, in directory: DomainDirectory
  ) async throws -> [Follower] {
    // Projectors with a store of their own keep their progress there.
    let isHere =
      directory.configuration.source == .log || directory.roles.contains(.projector)
    if !isHere { return [] }
    let store: any ConsumerStore =
      directory.ownsHistory
      ? try await directory.storage.domain(domain)
      : try await directory.consumerStore(of: domain)
    var followers: [Follower] = []
    for projector in directory.settings(of: domain)?.projectors ?? [] {
      for generation in try await GenerationRegistry(store).find(projector.name).fed {
        let name = generation.subscription(of: projector.name)
        followers += Follower.each(of: store) {
          Follower(.projector, name, partition: $0, in: store)
        }
      }
    }
    return followers
  }

  let shared: SharedParts
  /// The projectors of each domain.
  let projecting: ServedDomains<ProjectingDomain>
  /// Starts the projectors of each domain once it exists.
  let watch: DomainWatch

  init(_ shared: SharedParts) {
    self.shared = shared
    let directory = shared.directory
    let projecting = directory.projectingDomains()
    self.projecting = projecting
    watch = DomainWatch(
      histories: directory.events, where: directory.projects, logger: shared.logger
    ) { domain in
      try await directory.follow(domain, with: projecting)
    }
  }

  var services: [RPC.Service] {
    let (source, deadline) = (shared.configuration.source, shared.configuration.command.deadline)
    var services: [RPC.Service] = [
      .projectorCoordinator(projecting, deadlineDefault: deadline),
      .parked(projecting),
      .rebuilds(
        projecting, live: shared.live, readYourWrites: ReadYourWrites(shared.marks),
        switchPatience: deadline),
      .deadLetters(projecting, source: source.isChannel ? nil : source.rawValue),
    ]
    if source != .log {
      // No other process sees the store that holds them.
      services.append(
        .projections(
          QueriedDomains(storage: shared.storage, served: shared.directory.names),
          shared.consumers, live: shared.live, readYourWrites: ReadYourWrites(shared.marks),
          deadlineDefault: deadline))
    }
    return services
  }

  var background: [any ServiceLifecycle.Service] { [watch] }
}
