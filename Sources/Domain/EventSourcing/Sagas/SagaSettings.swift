import EventModel

/// Selects the instance of a saga that gets an event.
public enum SagaKey: Equatable, Sendable {
  /// By correlation: one instance for each external request.
  case correlation
  /// By the aggregate's root.
  case root
  /// By the value of this header; no instance gets events without it.
  case header(Name)
}

/// The bounds and intervals of a saga.
public struct SagaSettings: Sendable {
  /// Commands of one instance that have not ended; a reaction that exceeds this is a defect.
  public var pendingMax = 1000
  /// Timers of one instance; a reaction that exceeds this is a defect.
  public var timersMax = 1000
  /// The most steps of sagas in a chain of causes before one; 0: unlimited.
  public var depthMax = 64
  /// Time for a command, after which it is sent again.
  public var commandTimeout = Duration.seconds(10)
  /// Back-off for a command while its domain is unavailable.
  public var retryDelayMin = Duration.milliseconds(50)
  public var retryDelayMax = Duration.seconds(10)
  /// Interval of probes to a domain that takes no commands.
  public var domainRetryInterval = Duration.seconds(1)
  /// Settings for the delivery of events and of steps.
  public var subscription = SubscriptionSettings()

  public init() {}
}
