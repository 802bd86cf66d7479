import EventModel
import EventSourcing
import RPC
import ServiceLifecycle
import SidecarConfiguration
import Sidecars

/// Feeds the logic of sagas: takes pushed books, shows instances, and manages parked ones.
/// Subscriptions follow the logs.
struct SagaRole: SidecarRole {
  static let role = Role.saga
  static let needs: RoleNeeds = [.history, .instances]

  static func logic(in configuration: Configuration) -> [LogicUse] {
    configuration.sagas.compactMap { saga in
      saga.remoteLogic.map { LogicUse(of: LogicAddress($0), for: saga.name.text) }
    }
  }

  static func followers(
    of domain: Name, in directory: DomainDirectory
  ) async throws -> [Follower] {
    let store = try await directory.storage.domain(domain)
    return directory.configuration.sagaFollowers(of: domain).flatMap { saga in
      Follower.each(of: store) { partition in
        let hasTimers = partition == 0 && domain == .saga(saga.name)
        return Follower(
          .saga, saga.name, partition: partition, in: store,
          agenda: hasTimers ? SagaDispatcher.timers : nil)
      }
    }
  }

  let shared: SharedParts
  /// The sagas that follow each domain, and each saga's own domain.
  let domains: ServedDomains<SagaDomain>
  /// Starts the sagas on each domain once it exists, and carries out their steps.
  let background: [any ServiceLifecycle.Service]
  private let sagas: SagaDirectory

  init(_ shared: SharedParts) throws {
    self.shared = shared
    let steps = DomainWatch.looks()
    let sagas = try SagaDirectory(shared.directory) { steps.continuation.yield() }
    let domains = sagas.domains()
    let own = Set(shared.configuration.ownSagaDomains)
    (self.sagas, self.domains) = (sagas, domains)
    background = [
      DomainWatch(
        histories: shared.directory.events, where: sagas.follows, logger: shared.logger
      ) { domain in
        try await sagas.follow(domain, with: domains)
      },
      DomainWatch(
        histories: shared.storage, where: own.contains, logger: shared.logger, looks: steps
      ) { domain in
        try await sagas.dispatch(domain, with: domains)
      },
    ]
  }

  var services: [RPC.Service] {
    let deadline = shared.configuration.command.deadline
    return [
      .sagaCoordinator(domains, deadlineDefault: deadline), .sagas(sagas.sagas), .parked(domains),
    ]
  }
}
