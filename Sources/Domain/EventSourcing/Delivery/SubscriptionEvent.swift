import EventModel

/// What an operator wants to hear of a subscription.
public enum SubscriptionEvent: Sendable {
  /// This process is the active consumer from this checkpoint on.
  case started(Position, Lease)
  /// This process consumes, beside others perhaps, what has no place in a log.
  case joined
  /// Another process is; this one stands by.
  case standingBy
  /// The lease went to another process.
  case leaseLost
  /// A delivery failed and is tried again.
  case retrying(Cover, SequenceNumber, DeliveryFailure, tries: Int)
  /// Deliveries of this aggregate succeed again.
  case recovered(Cover)
  /// An aggregate was set aside.
  case parked(Cover, SequenceNumber, DeliveryFailure)
  /// Events that were refused are kept elsewhere; those behind them go on.
  case kept(Cover, DeliveryFailure)
  /// A parked aggregate has caught up by itself.
  case unparked(Cover)
  /// The consumer refuses most aggregates: it is down. Nothing is parked, and one delivery at a
  /// time is tried, until one succeeds.
  case circuitOpened(failing: Int, DeliveryFailure)
  /// A delivery succeeded again.
  case circuitClosed
  /// A commit in the log is damaged: it was not delivered, and those behind it are.
  case passedOver(StorageError)
  /// The store could not be read or written; it is tried again.
  case storeUnavailable(StorageError)
  /// The message channel does not do what it should; it is tried again. Told once for each way in
  /// which it fails, until it has recovered.
  case channelFailed(ChannelError)
  /// A message of the channel is no commit of this log, or no command that could be stored: it is
  /// among the dead letters now.
  case setAside(String)
  /// So many dead letters wait at the broker.
  case deadLetters(Int)
  /// What became of a command that came from a channel.
  case taken(CommandFate)
  /// The message channel works again.
  case channelRecovered
}

/// What became of a command that came from a channel.
public enum CommandFate: String, CaseIterable, Sendable {
  case stored
  /// It was stored before.
  case repeated
  /// It is among the dead letters.
  case setAside = "set-aside"
  /// It is another domain's.
  case passedOver = "passed-over"
}
