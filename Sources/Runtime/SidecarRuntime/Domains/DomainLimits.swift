import EventSourcing
import SidecarConfiguration

/// Maps the settings to the limits of what serves one domain.
extension Configuration {
  /// Both caches together stay within `limit.cache-size`. Waiting instances are many and need no
  /// memory, so instances get a quarter, up to a bound.
  ///
  /// - Parameter withInstances: true if the process may have sagas' instances.
  func memory(
    withInstances: Bool
  ) -> (aggregates: AggregateMemory, instances: AggregateMemory) {
    let hasInstances = withInstances && !ownSagaDomains.isEmpty
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

  /// A portion of events is at most a quarter of a message, to leave room for the state.
  func states(of domain: DomainConfiguration) -> StateSettings {
    var states = domain.states
    states.portionBytes = min(states.portionBytes, limit.messageSize / 4)
    return states
  }

  var carriers: SubscriptionSettings {
    var settings = SubscriptionSettings()
    settings.windowMax = limit.subscriptionWindow
    settings.deliveryTimeout = command.deadline
    // Dispatched commands are parked only because of damage.
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
