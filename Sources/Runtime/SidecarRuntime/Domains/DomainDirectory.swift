import EventModel
import EventSourcing
import SidecarConfiguration
import Sidecars

/// The domains of a process, and what their use cases and subscriptions are made from. Each role's
/// folder has the extension that makes its own.
struct DomainDirectory: Sendable {
  let configuration: Configuration
  let storage: any Storage
  /// The source of projectors' events.
  let events: any Histories
  /// Channels to publish to; projectors consume from the first. Empty if none is configured.
  let brokers: [any MessageChannel]
  /// The channel of commands; nil if commands arrive by calls alone.
  let commands: (any CommandChannel)?
  let channels: Channels
  let schemas: DomainSchemas
  /// Caches of aggregates for commands, and of sagas' instances.
  let memory: (aggregates: AggregateMemory, instances: AggregateMemory)
  let subscriptions: SubscriptionService
  /// Of this process, in leases: unique among processes.
  let owner: Name
  let observers: DomainObservers
  let marks: LowWaterMarks
  let live: LiveGenerations
  let roles: LocalRoles

  /// Names of the served domains; nil: all.
  var names: [Name]? {
    let names = configuration.domains.compactMap(\.name)
    return names.count == configuration.domains.count ? names : nil
  }

  /// Names of the readable domains: the served ones and the sagas' own; nil: all.
  var readableNames: [Name]? { names.map { $0 + configuration.ownSagaDomains } }

  /// True if a domain is served. Internal domains must be named.
  func serves(_ domain: Name) -> Bool { names?.contains(domain) ?? !domain.isInternal }

  func settings(of domain: Name) -> DomainConfiguration? {
    configuration.domains.first { $0.name == domain }
      ?? configuration.domains.first { $0.name == nil }
  }
}
