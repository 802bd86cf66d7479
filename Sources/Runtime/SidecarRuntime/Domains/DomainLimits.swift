import EventSourcing
import SidecarConfiguration

/// What the settings say of what serves one domain.
extension Configuration {
  /// The two together are within `limit.cache-size`. Instances of sagas that wait are many, and
  /// need no memory: a quarter is enough for those at work, up to a bound.
  func memory(
    of roles: Set<Role>
  ) -> (aggregates: AggregateMemory, instances: AggregateMemory) {
    let hasInstances = roles.contains(.saga) && !ownSagaDomains.isEmpty
    let instances = hasInstances ? min(limit.cacheSize / 4, 8 << 20) : 0
    return (
      AggregateMemory(bytesMax: limit.cacheSize - instances), AggregateMemory(bytesMax: instances)
    )
  }

  var commandLimits: CommandLimits {
    var limits = CommandLimits()
    limits.commitBytesMax = limit.commitSize
    limits.snapshotsLieElsewhere = snapshots.store != nil
    limits.historyBytesWarned = limit.historyWarning == 0 ? .max : limit.historyWarning
    limits.waitingPerRootMax = limit.commandsQueued
    limits.attemptsMax = command.conflictAttempts
    return limits
  }

  /// A portion of events leaves most of a message to the state.
  func states(of domain: DomainConfiguration) -> StateSettings {
    var states = domain.states
    states.portionBytes = min(states.portionBytes, limit.messageSize / 4)
    return states
  }

  var carriers: SubscriptionSettings {
    var settings = SubscriptionSettings()
    settings.windowMax = limit.subscriptionWindow
    settings.deliveryTimeout = command.deadline
    // Only damage parks what is dispatched.
    settings.parkedRetryInterval = .seconds(60)
    return settings
  }

  func subscription(of projector: ProjectorConfiguration) -> SubscriptionSettings {
    var settings = SubscriptionSettings()
    settings.windowMax = limit.subscriptionWindow
    settings.triesMax = projector.tries
    settings.retryTime = projector.retryTime
    settings.parkedRetryInterval = projector.parkedRetryInterval
    settings.deliveryTimeout = projector.deadline
    return settings
  }
}
