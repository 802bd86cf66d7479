import EventModel
import EventSourcing
import SidecarConfiguration
import Sidecars

/// Command handlers, and the logic behind them.
extension DomainDirectory {
  /// The command handlers.
  ///
  /// - Parameters:
  ///   - projecting: the projectors of this process, if any.
  ///   - sagas: the sagas of this process, if any.
  ///   - firstAppended: called after each handler's first commit.
  func commandHandlers(
    with projecting: ServedDomains<ProjectingDomain>?, _ sagas: ServedDomains<SagaDomain>?,
    firstAppended: @escaping @Sendable () -> Void
  ) -> ServedDomains<CommandHandler> {
    ServedDomains(names: names, countMax: configuration.limit.openDomains) { [self] domain in
      let store = try await storage.domain(domain)
      let (logic, states) = logic(of: domain)
      return CommandHandler(
        store: shelf?.holding(snapshotsOf: store, configuration) ?? store, logic: logic,
        states: states, payloads: try await schemas.rule(of: domain),
        processors: synchronousProcessors(of: domain, projecting)
          + SagaDirectory.synchronous(in: configuration, of: domain, here: sagas, channels),
        limits: configuration.commandLimits, memory: memory.aggregates,
        observe: { [histories, writes] event in
          histories.note(event)
          writes.note(event, of: store)
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

  private func synchronousProcessors(
    of domain: Name, _ projecting: ServedDomains<ProjectingDomain>?
  ) -> [any SynchronousProcessor] {
    let synchronous = settings(of: domain)?.projectors.filter(\.synchronous) ?? []
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
}
