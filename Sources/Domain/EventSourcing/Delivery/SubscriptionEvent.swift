import EventModel

/// Events of a subscription that concern an operator.
public enum SubscriptionEvent: Sendable {
  /// This process is the active consumer from this checkpoint on.
  case started(Position, Lease)
  /// This process consumes from a channel, perhaps beside others.
  case joined
  /// Another process is active; this one stands by.
  case standingBy
  /// The lease went to another process.
  case leaseLost
  /// A delivery failed and is retried.
  case retrying(Cover, SequenceNumber, DeliveryFailure, tries: Int)
  /// Deliveries of this aggregate succeed again.
  case recovered(Cover)
  /// An aggregate was set aside.
  case parked(Cover, SequenceNumber, DeliveryFailure)
  /// Refused events are stored elsewhere; delivery continues behind them.
  case kept(Cover, DeliveryFailure)
  /// A parked aggregate was retried and has caught up.
  case unparked(Cover)
  /// The consumer refuses most aggregates, so it seems down. Nothing is parked, and one delivery
  /// at a time is tried until one succeeds.
  case circuitOpened(failing: Int, DeliveryFailure)
  /// A delivery succeeded again.
  case circuitClosed
  /// A damaged commit was not delivered; delivery continues behind it.
  case passedOver(StorageError)
  /// Reading or writing the store failed; retried.
  case storeUnavailable(StorageError)
  /// The message channel failed; retried. Reported once for each error code, until it recovers.
  case channelFailed(ChannelError)
  /// A message is no commit of this log, or no command that can be stored. It is now a dead
  /// letter.
  case setAside(String)
  /// The number of dead letters at the broker.
  case deadLetters(Int)
  /// The fate of a command from a channel.
  case taken(CommandFate)
  /// The message channel works again.
  case channelRecovered
}

/// The fate of a command from a channel.
public enum CommandFate: String, CaseIterable, Sendable {
  case stored
  /// It was stored before.
  case repeated
  /// It became a dead letter.
  case setAside = "set-aside"
  /// It belongs to another domain.
  case passedOver = "passed-over"
}
