import EventModel
import EventSourcing
import RPC
import SidecarConfiguration
import Sidecars
import Timing

/// Makes what serves each saga, from the configuration: its logic's channel, its instances, and the
/// subscriptions that feed it.
final class SagaDirectory: Sendable {
  private let configuration: Configuration
  private let directory: DomainDirectory
  /// Those of this process; nil where it is no command-handler.
  private let handlers: ServedDomains<CommandHandler>?
  private let firstStep: @Sendable () -> Void
  /// Each under the name of its own domain.
  let sagas: ServedDomains<Saga>

  /// - Parameter firstStep: hears when a saga's own domain may have come to be.
  init(
    _ directory: DomainDirectory, handlers: ServedDomains<CommandHandler>?,
    firstStep: @escaping @Sendable () -> Void
  ) {
    self.directory = directory
    self.handlers = handlers
    self.firstStep = firstStep
    let configuration = directory.configuration
    self.configuration = configuration
    sagas = ServedDomains(names: configuration.sagas.map { .saga($0.name) }) { domain in
      let settings = configuration.sagas.first { .saga($0.name) == domain }!  // one of the names
      return Saga(
        name: settings.name, by: settings.key,
        store: try await directory.storage.domain(domain),
        logic: RemoteSagaLogic(
          name: settings.name, directory.channels.channel(to: settings.logic),
          at: "\(settings.logic)"),
        codec: SagaWireCodec(), settings: configuration.saga(settings),
        limits: configuration.commandLimits, firstAppended: firstStep)
    }
  }

  // MARK: Where the commands go

  private var routes: CommandRoutes {
    CommandRoutes { [configuration, channels = directory.channels, handlers] domain in
      if let endpoint = configuration.route(to: domain) {
        return .there(channels.channel(toSidecar: endpoint), address: "\(endpoint)")
      }
      if let handlers { return .here(try await handlers.serving(domain)) }
      let endpoint = configuration.commandHandler
      return .there(channels.channel(toSidecar: endpoint), address: "\(endpoint)")
    }
  }

  // MARK: What feeds them

  /// What serves each domain that sagas follow, and each saga's own.
  func domains() -> ServedDomains<SagaDomain> {
    let own = configuration.sagas.map { Name.saga($0.name) }
    return ServedDomains(names: followed.map { $0 + own }) { [self] domain in
      if let settings = configuration.sagas.first(where: { .saga($0.name) == domain }) {
        let saga = try await sagas.serving(domain)
        let dispatcher = SagaDispatcher(for: saga, sender: routes)
        return sagaDomain(saga.store, [(dispatcher.consumer, settings)], intakes: [])
      }
      let store = try await directory.consumerStore(of: domain)
      let consumers = try await intakes(from: domain, store)
      return sagaDomain(store, consumers, intakes: consumers.map(\.consumer))
    }
  }

  private typealias Feeding = (consumer: Projector, settings: SagaConfiguration)

  private func sagaDomain(
    _ store: any ConsumerStore, _ consumers: [Feeding], intakes: [Projector]
  ) -> SagaDomain {
    let parked = consumers.map {
      ($0.consumer, configuration.saga($0.settings).subscription)
    }
    return SagaDomain(
      intakes: intakes,
      parkingLot: ParkingLot(store: store) { () async throws(StorageError) in parked })
  }

  private func intakes(from domain: Name, _ store: any ConsumerStore) async throws -> [Feeding] {
    var intakes: [Feeding] = []
    for settings in configuration.sagas where settings.follows(domain) {
      let saga = try await sagas.serving(.saga(settings.name))
      intakes.append((SagaIntake.consumer(for: saga, store: store), settings))
    }
    return intakes
  }

  /// The domains whose events sagas take; nil: every one.
  var followed: [Name]? {
    if configuration.sagas.contains(where: \.domains.isEmpty) { return directory.names }
    return Array(Set(configuration.sagas.flatMap(\.domains))).sorted()
  }

  /// Starts to feed the sagas that follow a domain. To be called once for each domain.
  func follow(_ domain: Name) async throws {
    let store = try await directory.consumerStore(of: domain)
    for (consumer, settings) in try await intakes(from: domain, store) {
      start(consumer, store, settings)
    }
  }

  /// Starts to carry out what a saga's steps say. To be called once for each saga's domain.
  func dispatch(_ domain: Name) async throws {
    guard let settings = configuration.sagas.first(where: { .saga($0.name) == domain }) else {
      return
    }
    let saga = try await sagas.serving(domain)
    let dispatcher = SagaDispatcher(for: saga, sender: routes)
    start(dispatcher.consumer, saga.store, settings) { try await dispatcher.runAgendas() }
  }

  private func start(
    _ consumer: Projector, _ store: any ConsumerStore, _ settings: SagaConfiguration,
    companion: (@Sendable () async throws -> Void)? = nil
  ) {
    for partition in 0..<store.partitions {
      directory.subscriptions.start { [self] in
        await run(consumer, store, settings, partition, companion: partition == 0 ? companion : nil)
      }
    }
  }

  private func run(
    _ consumer: Projector, _ store: any ConsumerStore, _ settings: SagaConfiguration,
    _ partition: UInt32, companion: (@Sendable () async throws -> Void)?
  ) async {
    let observe = directory.observing(consumer.name, store, partition)
    defer { directory.metrics.remove(consumer.name, in: store.domain, partition: partition) }
    await Subscription(
      consumer: directory.recorded(consumer), store: store,
      from: store.domain.isInternal
        ? nil : directory.source(of: store, for: consumer.name, partition, observe),
      partition: partition, owner: directory.observer.owner,
      settings: configuration.saga(settings).subscription,
      mark: directory.marks.mark(of: consumer.name, in: store, partition: partition),
      companion: companion, observe: observe
    ).run()
  }
}

extension SagaConfiguration {
  fileprivate func follows(_ domain: Name) -> Bool { domains.isEmpty || domains.contains(domain) }
}

extension Configuration {
  fileprivate func saga(_ saga: SagaConfiguration) -> SagaSettings {
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
