import EventModel

/// Which instance of a saga events belong to.
public enum SagaKey: Equatable, Sendable {
  /// That of everything which one request set off.
  case correlation
  /// That of the aggregate.
  case root
  /// That which a header of this name says; events without it belong to none.
  case header(Name)
}

/// The bounds and times of a saga.
public struct SagaSettings: Sendable {
  /// Commands of one instance that have not ended; a reaction that goes beyond is a defect.
  public var pendingMax = 1000
  /// Timers of one instance; a reaction that goes beyond is a defect.
  public var timersMax = 1000
  /// Steps of sagas that may lie before one, each the cause of the next; 0: any number.
  public var depthMax = 64
  /// Memory of the cache of instances: for those at work, not for those that wait.
  public var cacheBytesMax = 8 << 20
  /// How long a command may take; then it is sent again.
  public var commandTimeout = Duration.seconds(10)
  /// Pauses between tries of a command, while its domain is away.
  public var retryDelayMin = Duration.milliseconds(50)
  public var retryDelayMax = Duration.seconds(10)
  /// How often a domain that takes no commands is tried.
  public var domainRetryInterval = Duration.seconds(1)
  /// Of the delivery of events and of steps.
  public var subscription = SubscriptionSettings()

  public init() {}
}
