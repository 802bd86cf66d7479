import EventModel

/// A message broker that carries domains' logs to other processes, each commit in one message.
///
/// Every adapter keeps these promises, and `Contracts` tests them:
/// - *Durable*: a confirmed commit survives a crash of the broker, in every queue or topic that
///   takes it.
/// - *Ordered*: a consumer gets commits of one aggregate in the order in which they were
///   published. After a failure some may be repeated.
/// - *At least once*: a confirmed commit that no consumer of the subscription has acknowledged is
///   delivered to the next one.
/// - *Bounded*: neither side holds more than its window.
///
/// Commits published before a subscription has a queue may be missing from it, so a consumer
/// repairs gaps by the commits' positions.
public protocol MessageChannel: Sendable {
  /// The kind of broker and the place in it. The relay's checkpoint is stored under this name.
  var name: Name { get }

  /// Starts publishing one partition of a domain's log.
  ///
  /// - Parameters:
  ///   - window: the most unconfirmed commits.
  ///   - blocked: called with the reason when the broker blocks without a failure; nil when it
  ///     accepts commits again. Must not block.
  func publisher(
    of domain: Name, partition: UInt32, window: Int,
    blocked: @escaping @Sendable (String?) -> Void
  ) async throws(ChannelError) -> any ChannelPublisher

  /// Starts a consumer of one partition of a domain's log, for a subscription. Creates the
  /// subscription's queue if it does not exist.
  ///
  /// - Parameter window: the most unacknowledged deliveries.
  func consumer(
    of domain: Name, partition: UInt32, for subscription: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer<RecordedCommit>

  /// The dead letters of the subscription's consumers. Does not call the broker yet.
  func deadLetters(
    of domain: Name, partition: UInt32, for subscription: Name
  ) throws(ChannelError) -> any DeadLetters

  /// Longest delay of a commit behind one with a higher position, without a failure.
  var disorder: Duration { get }

  /// Closes all publishers and consumers, and frees all resources.
  func close() async
}

/// Publishes one partition's commits. After an error it can only be closed.
public protocol ChannelPublisher: Sendable {
  /// Sends the log's next commits, in order. Waits while the window is full or the broker blocks.
  /// Returns before they are confirmed.
  func publish(_ commits: [RecordedCommit]) async throws(ChannelError)

  /// Waits until the broker has confirmed a commit after `number`.
  ///
  /// - Returns: the last position up to which every published commit is confirmed.
  func confirmation(after number: UInt64) async throws(ChannelError) -> UInt64

  /// Closes the publisher. Unconfirmed commits may or may not arrive.
  func close() async
}

/// Consumes one partition's commits, or the commands of a domain. After an error it can only be
/// closed.
public protocol ChannelConsumer<Message>: Sendable {
  associatedtype Message: Sendable

  /// Returns the deliveries since the last call. Waits for at least one.
  func deliveries() async throws(ChannelError) -> [ChannelDelivery<Message>]

  /// Acknowledges deliveries, so that the broker may forget them. If the acknowledgement is lost,
  /// they are repeated.
  func acknowledge(_ tags: [UInt64])

  /// Moves a delivery to the subscription's dead letters.
  func setAside(
    _ delivery: ChannelDelivery<Message>, as stamp: LetterStamp
  ) async throws(ChannelError)

  /// Closes the consumer. Unacknowledged messages go to the next consumer.
  func close() async
}

/// One message of a channel.
public struct ChannelDelivery<Message: Sendable>: Sendable {
  public enum Content: Sendable {
    case message(Message)
    /// Not a message that Outrider publishes, with the reason.
    case malformed(String)
  }

  /// Identifies the delivery for acknowledgement.
  public var tag: UInt64
  public var content: Content

  public init(tag: UInt64, content: Content) {
    self.tag = tag
    self.content = content
  }
}

/// A delivery from a domain's log.
public typealias CommitDelivery = ChannelDelivery<RecordedCommit>

/// Why a channel call failed.
public struct ChannelError: Error, Equatable, Sendable {
  public enum Code: Sendable {
    /// Temporary: the broker is unreachable or blocks.
    case unavailable
    /// The broker took a message that no queue is bound for.
    case unroutable
    /// The broker refused a message: it is too large, or a queue is full.
    case refused
    /// The broker denies access: wrong credentials, missing rights, or an object declared with
    /// other arguments.
    case notPermitted
  }

  public var code: Code
  /// The failure, its place and its remedy; for an operator.
  public var message: String
  /// The commit that was not accepted, if known.
  public var position: Position?

  public init(_ code: Code, _ message: String, position: Position? = nil) {
    self.code = code
    self.message = message
    self.position = position
  }
}

extension ChannelError {
  /// Thrown after `close`, and on cancellation.
  public static let closed = ChannelError(.unavailable, "the message channel was closed")
}

extension ChannelError: CustomStringConvertible {
  public var description: String {
    position.map { "\(message) (at position \($0))" } ?? message
  }
}
