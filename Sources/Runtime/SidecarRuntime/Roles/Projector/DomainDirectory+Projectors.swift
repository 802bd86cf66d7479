import EventModel
import EventSourcing
import SidecarConfiguration
import Sidecars

/// Projectors, and the subscriptions that feed them.
extension DomainDirectory {
  /// The projectors of each existing domain; NOT_FOUND for any other.
  func projectingDomains() -> ServedDomains<ProjectingDomain> {
    ServedDomains(names: names) { [self] domain in
      let store = try await consumerStore(of: domain)
      let settings = settings(of: domain)?.projectors ?? []
      let projectors = settings.map { projector(in: store, $0) }
      return ProjectingDomain(
        projectors: projectors,
        parkingLot: ParkingLot(store: store, projectors: projectors),
        deadLetters: sourceChannel.map { channel in
          DeadLetterOffice(
            of: domain, on: channel, partitions: store.partitions,
            subscriptions: projectors.map(\.name))
        })
    }
  }

  /// True if a domain has projectors. No other domain is opened to follow its log.
  func projects(_ domain: Name) -> Bool {
    serves(domain) && settings(of: domain)?.projectors.isEmpty == false
  }

  private func projector(
    in store: any ConsumerStore, _ settings: ProjectorConfiguration
  ) -> DomainProjector {
    DomainProjector(
      name: settings.name, store: store, settings: configuration.subscription(of: settings),
      live: live
    ) { [channels, live, domain = store.domain] generation in
      Projector(
        name: settings.name, generation: generation, store: store,
        logic: RemoteProjectorLogic(
          name: settings.name, generation: generation,
          isLive: { live.isLive(generation, of: settings.name, in: domain) },
          channels.channel(to: settings.logic), at: "\(settings.logic)"))
    }
  }

  /// Nil if projectors do not consume from a channel.
  var sourceChannel: (any MessageChannel)? {
    configuration.source.isChannel ? brokers.first : nil
  }

  /// The store of a domain's projectors. NOT_FOUND if the domain does not exist.
  func consumerStore(of domain: Name) async throws -> any ConsumerStore {
    if configuration.source == .log {
      guard try await storage.exists(domain) else { throw Self.notFound(domain) }
      return try await storage.domain(domain)
    }
    guard try await events.domains().contains(domain) else { throw Self.notFound(domain) }
    return SplitStore(
      history: try await events.history(of: domain),
      progress: try await storage.domain(domain))
  }

  private static func notFound(_ domain: Name) -> EventSourcingError {
    EventSourcingError(.notFound, "domain \(domain) has no events yet")
  }

  /// Starts the subscriptions of a domain's projectors. Call once for each domain.
  func follow(_ domain: Name, with projecting: ServedDomains<ProjectingDomain>) async throws {
    for projector in try await projecting.serving(domain).projectors {
      let feeder = GenerationFeeder(
        of: projector.name, store: projector.store, live: live, owner: owner,
        observe: observers.log.observing(projector.name, domain)
      ) { [self] feed in
        await withDiscardingTaskGroup { group in
          for partition in 0..<projector.store.partitions {
            group.addTask { await self.follow(projector, feed, partition) }
          }
        }
      }
      subscriptions.start { await feeder.run() }
    }
  }

  /// Feeds one generation of a projector's projections from one partition, until the task is
  /// cancelled.
  private func follow(
    _ projector: DomainProjector, _ feed: GenerationFeeder.Feed, _ partition: UInt32
  ) async {
    let store = projector.store
    let consumer = projector.projector(of: feed.generation)
    let observe = observers.observing(consumer.name, store, partition)
    defer { observers.metrics.remove(consumer.name, in: store.domain, partition: partition) }
    let subscription = Subscription(
      consumer: observers.recorded(consumer, from: configuration.source.messagingSystem),
      store: store,
      from: feed.isLive ? source(of: store, for: projector.name, partition, observe) : nil,
      throttle: feed.throttle, partition: partition, owner: owner,
      settings: projector.settings,
      mark: marks.mark(of: consumer.name, in: store, partition: partition), observe: observe)
    await subscription.run()
  }

  /// Nil if events come from the log. A projector has one queue in the channel, which feeds the
  /// live generation; other generations read the history.
  func source(
    of store: any ConsumerStore, for consumer: Name, _ partition: UInt32,
    _ observe: @escaping @Sendable (SubscriptionEvent) -> Void
  ) -> (any LogSource)? {
    sourceChannel.map { channel in
      ChannelLog(
        of: channel, history: store, for: consumer, partition: partition, observe: observe)
    }
  }
}
