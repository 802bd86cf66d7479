import EventModel

/// A message broker that carries domains' logs to other processes, each commit in one message.
///
/// Every adapter keeps these promises, and `Contracts` tests them:
/// - *Durable*: a commit that is confirmed survives a crash of the broker, in every queue or topic
///   that takes it.
/// - *Ordered*: commits of one aggregate are handed to a consumer in the order in which they were
///   published. After a failure some may come again.
/// - *At least once*: what was confirmed, and no consumer of the subscription acknowledged, is
///   delivered to the next one.
/// - *Bounded*: neither side holds more than its window.
///
/// What is published when a subscription has no queue yet may be missing from it, so a consumer
/// repairs gaps by the positions that commits carry.
public protocol MessageChannel: Sendable {
  /// The broker's kind and the place in it: checkpoints of what was published are kept under it.
  var name: Name { get }

  /// Begins to publish one partition of a domain's log.
  ///
  /// - Parameters:
  ///   - window: how many commits may be unconfirmed.
  ///   - blocked: hears why the broker takes nothing for now, though nothing failed; nil: it takes
  ///     commits again. Must not block.
  func publisher(
    of domain: Name, partition: UInt32, window: Int,
    blocked: @escaping @Sendable (String?) -> Void
  ) async throws(ChannelError) -> any ChannelPublisher

  /// Begins to consume one partition of a domain's log on behalf of a subscription. The
  /// subscription's queue is made where there is none.
  ///
  /// - Parameter window: how many deliveries may be unacknowledged.
  func consumer(
    of domain: Name, partition: UInt32, for subscription: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer<RecordedCommit>

  /// What the subscription's consumers set aside. Asks nothing of the broker yet.
  func deadLetters(
    of domain: Name, partition: UInt32, for subscription: Name
  ) throws(ChannelError) -> any DeadLetters

  /// How long a commit may arrive after one with a higher position, where nothing failed.
  var disorder: Duration { get }

  /// Ends all publishers and consumers, and lets go of everything.
  func close() async
}

/// Publishes one partition's commits. After an error it is of no more use but to be closed.
public protocol ChannelPublisher: Sendable {
  /// Hands over the log's next commits, in order. Waits while the window is full or the broker
  /// takes nothing. Comes back before they are confirmed.
  func publish(_ commits: [RecordedCommit]) async throws(ChannelError)

  /// Waits until the broker has confirmed a commit behind `number`.
  ///
  /// - Returns: the position up to which everything that was handed over is confirmed.
  func confirmation(after number: UInt64) async throws(ChannelError) -> UInt64

  /// What is not confirmed may or may not arrive.
  func close() async
}

/// Consumes what a broker has for one reader: one partition's commits, or the commands of a domain.
/// After an error it is of no more use but to be closed.
public protocol ChannelConsumer<Message>: Sendable {
  associatedtype Message: Sendable

  /// What came since the last call, at least one delivery. Waits for it.
  func deliveries() async throws(ChannelError) -> [ChannelDelivery<Message>]

  /// The broker may forget these deliveries. An acknowledgement that does not arrive means that
  /// they come again.
  func acknowledge(_ tags: [UInt64])

  /// Moves a delivery to the subscription's dead letters.
  func setAside(
    _ delivery: ChannelDelivery<Message>, as stamp: LetterStamp
  ) async throws(ChannelError)

  /// What was not acknowledged is delivered to the next consumer.
  func close() async
}

/// One message of a channel.
public struct ChannelDelivery<Message: Sendable>: Sendable {
  public enum Content: Sendable {
    case message(Message)
    /// It is not what Outrider publishes: what is wrong with it.
    case malformed(String)
  }

  /// Names it for acknowledgement.
  public var tag: UInt64
  public var content: Content

  public init(tag: UInt64, content: Content) {
    self.tag = tag
    self.content = content
  }
}

/// One message of a domain's log.
public typealias CommitDelivery = ChannelDelivery<RecordedCommit>

/// Why a channel did not do what it was asked.
public struct ChannelError: Error, Equatable, Sendable {
  public enum Code: Sendable {
    /// Temporary: the broker is away, or takes nothing now.
    case unavailable
    /// The broker took a message that goes nowhere: no queue is bound for it.
    case unroutable
    /// The broker refused a message: it is too large, or a queue is full.
    case refused
    /// The broker does not let us: wrong credentials, missing rights, or something that was
    /// declared otherwise.
    case notPermitted
  }

  public var code: Code
  /// What happened and where, and what to do about it; for an operator.
  public var message: String
  /// The commit that was not taken, where it is known.
  public var position: Position?

  public init(_ code: Code, _ message: String, position: Position? = nil) {
    self.code = code
    self.message = message
    self.position = position
  }
}

extension ChannelError {
  /// What those get who use a channel that was closed, or whose task is cancelled.
  public static let closed = ChannelError(.unavailable, "the message channel was closed")
}

extension ChannelError: CustomStringConvertible {
  public var description: String {
    position.map { "\(message) (at position \($0))" } ?? message
  }
}
