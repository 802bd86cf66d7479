import EventModel
import EventSourcing
import SidecarConfiguration
import Sidecars

/// Command handlers, and the logic behind them.
extension DomainDirectory {
  /// The command handlers.
  ///
  /// - Parameters:
  ///   - shelf: takes large snapshots; nil: they are stored in their commits.
  ///   - firstAppended: called after each handler's first commit.
  func commandHandlers(
    shelf: Shelf?, firstAppended: @escaping @Sendable () -> Void
  ) -> ServedDomains<CommandHandler> {
    ServedDomains(names: names, countMax: configuration.limit.openDomains) { [self] domain in
      let store = try await storage.domain(domain)
      let (logic, states) = logic(of: domain)
      return CommandHandler(
        store: shelf?.holding(snapshotsOf: store, configuration) ?? store, logic: logic,
        states: states, payloads: try await schemas.rule(of: domain),
        processors: synchronousProjectors(of: domain) + synchronousSagas(of: domain),
        limits: configuration.commandLimits, memory: memory.aggregates,
        observe: { [observers] event in
          observers.histories.note(event)
          observers.writes.note(event, of: store)
        }, firstAppended: firstAppended)
    }
  }

  /// The logic, and for functions the fold that keeps the aggregates' states.
  private func logic(of domain: Name) -> (any BusinessLogic, StateFold?) {
    let settings = settings(of: domain) ?? DomainConfiguration()
    let (channel, address) = (channels.channel(to: settings.logic), "\(settings.logic)")
    switch settings.logicStyle {
    case .classic: return (RemoteBusinessLogic(channel, at: address), nil)
    case .functions:
      let functions =
        settings.logic.web == nil
        ? RemoteFunctions(channel, at: address) : RemoteFunctions(overHTTP: channel, at: address)
      return (functions, StateFold(by: functions, settings: configuration.states(of: settings)))
    }
  }

  /// The projectors that a domain's commands wait for, here or elsewhere.
  private func synchronousProjectors(of domain: Name) -> [any SynchronousProcessor] {
    let synchronous = settings(of: domain)?.projectors.filter(\.synchronous) ?? []
    let projecting = roles.find(ProjectorRole.self)?.projecting
    return synchronous.map { projector -> any SynchronousProcessor in
      if let projecting {
        return LocalProcessor(name: projector.name, in: projecting) { domain in
          domain.projectors.first { $0.name == projector.name }.map(TracedProjector.init)
        }
      }
      return RemoteProjector(
        name: projector.name, channels.channel(toSidecar: projector.coordinator))
    }
  }

  /// The sagas that a domain's commands wait for, here or elsewhere.
  private func synchronousSagas(of domain: Name) -> [any SynchronousProcessor] {
    let synchronous = configuration.sagas.filter { $0.synchronous && $0.follows(domain) }
    let domains = roles.find(SagaRole.self)?.domains
    return synchronous.map { saga -> any SynchronousProcessor in
      if let domains {
        return LocalProcessor(name: saga.name, in: domains) { domain in
          domain.feeds.first { $0.synchronous.name == saga.name }?.synchronous
        }
      }
      return RemoteSaga(name: saga.name, channels.channel(toSidecar: saga.coordinator))
    }
  }
}
