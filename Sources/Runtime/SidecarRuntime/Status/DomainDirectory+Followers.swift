import EventModel
import EventSourcing
import SidecarConfiguration

/// The consumers of each domain's log, for status and metrics.
extension DomainDirectory {
  /// Existing domains that are served, and the sagas' own.
  func existing() async throws -> [Name] {
    try await (ownsHistory ? storage.domains() : events.domains()).filter { domain in
      serves(domain) || configuration.ownSagaDomains.contains(domain)
    }
  }

  /// All consumers of a domain's log that this process can know: projectors and relays by the
  /// settings, durable subscriptions by the store.
  func followers(of domain: Name) async throws -> [Follower] {
    guard ownsHistory else { return try await projections(in: try await consumerStore(of: domain)) }
    let store = try await storage.domain(domain)
    // Projectors with a store of their own keep their progress there.
    let isHere = configuration.source == .log || roles.contains(.projector)
    var followers = isHere ? try await projections(in: store) : []
    followers += brokers.flatMap { channel in
      (0..<store.partitions).map {
        Follower(.relay, Relay.subscription(to: channel), partition: $0, in: store)
      }
    }
    followers += configuration.sagaFollowers(of: domain).flatMap { saga in
      (0..<store.partitions).map { partition in
        let hasTimers = partition == 0 && domain == .saga(saga.name)
        return Follower(
          .saga, saga.name, partition: partition, in: store,
          agenda: hasTimers ? SagaDispatcher.timers : nil)
      }
    }
    followers += try await carriers(of: domain) + (try await intakes(of: domain))
    let listed = try await SubscriptionRegistry(store).list(after: nil, limit: 100).subscriptions
    for subscription in listed {
      followers += (0..<store.partitions).map {
        Follower(subscription, partition: $0, in: store)
      }
    }
    return followers
  }

  /// The carriers of commands dispatched to a domain.
  private func carriers(of domain: Name) async throws -> [Follower] {
    guard try await storage.exists(.commands(of: domain)) else { return [] }
    let store = try await storage.domain(.commands(of: domain))
    return (0..<store.partitions).map {
      Follower(
        .carrier, CommandCarrier.subscription, partition: $0, in: store,
        agenda: .dueCommands(ofPartition: $0))
    }
  }

  /// The intakes of a domain's commands from the channel.
  private func intakes(of domain: Name) async throws -> [Follower] {
    guard let commands, roles.contains(.commandHandler), names?.contains(domain) == true else {
      return []
    }
    let store = try await storage.domain(.commands(of: domain))
    return [Follower(intake: CommandIntake.subscription(to: commands), in: store)]
  }

  /// The subscriptions that feed each projector's generations.
  private func projections(in store: any ConsumerStore) async throws -> [Follower] {
    var followers: [Follower] = []
    for projector in settings(of: store.domain)?.projectors ?? [] {
      let generations = try await GenerationRegistry(store).find(projector.name).fed
      for name in generations.map({ $0.subscription(of: projector.name) }) {
        followers += (0..<store.partitions).map {
          Follower(.projector, name, partition: $0, in: store)
        }
      }
    }
    return followers
  }

  /// True if this process's store holds the events, not only a projector's progress.
  private var ownsHistory: Bool { configuration.source == .log || roles.names != [.projector] }
}
