import EventModel
import EventSourcing
import RPC
import SagaRules
import SidecarConfiguration
import Sidecars
import Timing

/// Creates from the configuration all that serves a saga: its logic's channel, its instances, and
/// its subscriptions.
final class SagaDirectory: Sendable {
  private let configuration: Configuration
  private let directory: DomainDirectory
  private let peers: SagaPeers
  /// Sagas with instances in this process, each under its own domain's name.
  let sagas: ServedDomains<Saga>

  /// Throws `ConfigurationError` if the rules of a saga are wrong.
  ///
  /// - Parameter firstStep: called when a saga's own domain may have been created.
  init(
    _ directory: DomainDirectory, firstStep: @escaping @Sendable () -> Void
  ) throws(ConfigurationError) {
    self.directory = directory
    let configuration = directory.configuration
    self.configuration = configuration
    let peers = SagaPeers(directory)
    self.peers = peers
    let rules = try configuration.sagaRules(versions: peers.schema)
    sagas = ServedDomains(names: configuration.ownSagaDomains) { domain in
      let settings = configuration.saga(ownDomain: domain)!  // one of the names
      return Saga(
        name: settings.name, by: settings.key,
        store: try await directory.storage.domain(domain),
        logic: rules[settings.name].map(RuleSagaLogic.init)
          ?? RemoteSagaLogic(
            name: settings.name, directory.channels.channel(to: settings.logic),
            at: "\(settings.logic)"),
        codec: SagaWireCodec(), settings: configuration.settings(of: settings),
        limits: configuration.commandLimits, memory: directory.memory.instances,
        firstAppended: firstStep)
    }
  }

  // MARK: Domains

  /// Serves each domain that sagas follow, and each saga's own.
  func domains() -> ServedDomains<SagaDomain> {
    let names = followed.map { $0 + configuration.ownSagaDomains }
    return ServedDomains(names: names) { [self] domain in
      let isOwn = configuration.saga(ownDomain: domain) != nil
      let store =
        isOwn
        ? try await sagas.serving(domain).store : try await directory.consumerStore(of: domain)
      let feeds = isOwn ? [] : try await self.feeds(from: domain, store)
      let consumers =
        isOwn
        ? [try await dispatching(domain)] : feeds.map { ($0.feed.intake, $0.settings) }
      let parked = consumers.map { ($0.0, configuration.settings(of: $0.1).subscription) }
      return SagaDomain(
        feeds: feeds.map(\.feed),
        parkingLot: ParkingLot(store: store) { () async throws(StorageError) in parked },
        history: store)
    }
  }

  /// The sagas that follow a domain.
  private func feeds(
    from domain: Name, _ store: any ConsumerStore
  ) async throws -> [(feed: SagaDomain.Feed, settings: SagaConfiguration)] {
    var feeds: [(feed: SagaDomain.Feed, settings: SagaConfiguration)] = []
    for settings in configuration.sagas where settings.follows(domain) {
      feeds.append((try await feed(settings, from: store), settings))
    }
    return feeds
  }

  private func feed(
    _ settings: SagaConfiguration, from store: any ConsumerStore
  ) async throws -> SagaDomain.Feed {
    switch settings.style {
    case .reactions:
      let saga = try await sagas.serving(.saga(settings.name))
      let intake = SagaIntake.consumer(for: saga, store: store)
      return SagaDomain.Feed(
        intake: intake, synchronous: SynchronousSaga(saga, fedBy: intake, sender: peers.routes))
    case .evented:
      let logic = RemoteEventedSaga(
        name: settings.name, directory.channels.channel(to: settings.logic),
        at: "\(settings.logic)")
      let saga = EventedSaga(name: settings.name, logic: logic, recorder: peers.routes)
      let intake = saga.intake(from: store)
      return SagaDomain.Feed(intake: intake, synchronous: saga.synchronous(fedBy: intake))
    }
  }

  private func dispatching(_ domain: Name) async throws -> (Projector, SagaConfiguration) {
    let saga = try await sagas.serving(domain)
    let settings = configuration.saga(ownDomain: domain)!  // one of the names
    return (SagaDispatcher(for: saga, sender: peers.routes).consumer, settings)
  }

  /// The domains whose events sagas take; nil: all.
  var followed: [Name]? {
    if configuration.sagas.contains(where: \.domains.isEmpty) { return directory.names }
    return Array(Set(configuration.sagas.flatMap(\.domains))).sorted()
  }

  /// True if a saga takes a domain's events.
  func follows(_ domain: Name) -> Bool {
    followed?.contains(domain) ?? !domain.isInternal
  }

  // MARK: Subscriptions

  /// Starts the subscriptions of sagas to a domain. Call once for each domain.
  func follow(_ domain: Name, with served: ServedDomains<SagaDomain>) async throws {
    let store = try await directory.consumerStore(of: domain)
    for feed in try await served.serving(domain).feeds {
      guard let settings = configuration.sagas.first(where: { $0.name == feed.synchronous.name })
      else { continue }
      start(feed.intake, store, settings)
    }
  }

  /// Starts carrying out a saga's steps. Call once for each saga's own domain.
  func dispatch(_ domain: Name, with served: ServedDomains<SagaDomain>) async throws {
    guard let settings = configuration.saga(ownDomain: domain) else { return }
    // A listing of all parked instances covers open domains only.
    _ = try await served.serving(domain)
    let saga = try await sagas.serving(domain)
    let log = directory.observers.log.saga(saga.name)
    let targets = SagaTargets { [metrics = directory.observers.metrics] change in
      log(change)
      metrics.existing(saga.name, in: domain, partition: 0)?.count(change)
    }
    let dispatcher = SagaDispatcher(for: saga, sender: peers.routes, targets: targets)
    start(dispatcher.consumer, saga.store, settings) { try await dispatcher.runAgendas() }
  }

  private func start(
    _ consumer: Projector, _ store: any ConsumerStore, _ settings: SagaConfiguration,
    companion: (@Sendable () async throws -> Void)? = nil
  ) {
    for partition in 0..<store.partitions {
      directory.subscriptions.start { [self] in
        await run(
          consumer, store, settings, partition, companion: partition == 0 ? companion : nil)
      }
    }
  }

  private func run(
    _ consumer: Projector, _ store: any ConsumerStore, _ settings: SagaConfiguration,
    _ partition: UInt32, companion: (@Sendable () async throws -> Void)?
  ) async {
    let observers = directory.observers
    let observe = observers.observing(consumer.name, store, partition)
    defer { observers.metrics.remove(consumer.name, in: store.domain, partition: partition) }
    await Subscription(
      consumer: observers.recorded(
        consumer,
        from: store.domain.isInternal ? nil : configuration.source.messagingSystem),
      store: store,
      from: store.domain.isInternal
        ? nil : directory.source(of: store, for: consumer.name, partition, observe),
      partition: partition, owner: directory.owner,
      settings: configuration.settings(of: settings).subscription,
      mark: directory.marks.mark(of: consumer.name, in: store, partition: partition),
      companion: companion, observe: observe
    ).run()
  }
}

extension SagaConfiguration {
  func follows(_ domain: Name) -> Bool {
    domains.isEmpty ? !domain.isInternal : domains.contains(domain)
  }
}

extension Configuration {
  /// The domains of sagas' instances.
  var ownSagaDomains: [Name] {
    sagas.filter { $0.style == .reactions }.map { .saga($0.name) }
  }

  /// The sagas that take a domain's events.
  func sagaFollowers(of domain: Name) -> [SagaConfiguration] {
    sagas.filter { $0.follows(domain) } + [saga(ownDomain: domain)].compactMap(\.self)
  }

  /// The saga with its instances in this domain.
  fileprivate func saga(ownDomain domain: Name) -> SagaConfiguration? {
    sagas.first { $0.style == .reactions && $0.name == domain.sagaOfDomain }
  }

  fileprivate func settings(of saga: SagaConfiguration) -> SagaSettings {
    var settings = SagaSettings()
    settings.depthMax = limit.sagaDepth
    settings.commandTimeout = saga.commandDeadline
    settings.subscription.windowMax = limit.subscriptionWindow
    settings.subscription.triesMax = saga.tries
    settings.subscription.retryTime = saga.retryTime
    settings.subscription.parkedRetryInterval = saga.parkedRetryInterval
    settings.subscription.deliveryTimeout = saga.deadline
    return settings
  }
}
