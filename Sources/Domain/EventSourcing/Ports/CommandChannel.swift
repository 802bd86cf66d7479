import EventModel

/// A message broker that carries commands to the command-handlers of their domains, each command
/// in one message. Write access to the broker is permission to send commands.
///
/// Every adapter keeps these promises, and `Contracts` tests them:
/// - *Durable*: a published message survives a crash of the broker.
/// - *Ordered*: a consumer gets messages of one key in the order in which they were published.
///   After a failure some may be repeated.
/// - *At least once*: each domain's consumers get every message, independently of other domains,
///   until one of them has acknowledged it. A domain without consumers so far gets earlier
///   messages, too.
///
/// Domains may share a topic or queue. Then a consumer also gets messages of other domains.
public protocol CommandChannel: Sendable {
  /// The kind of broker and the place in it.
  var name: Name { get }

  /// Publishes a message. Returns once the broker has confirmed it. After an error the message
  /// may or may not arrive.
  func publish(_ message: ChannelMessage, to domain: Name) async throws(ChannelError)

  /// Starts a consumer of a domain. Consumers of a domain share its messages; messages of one key
  /// go to the same consumer.
  ///
  /// - Parameter window: the most unacknowledged deliveries.
  func consumer(
    of domain: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer<ChannelMessage>

  /// The dead letters of the domain's consumers. Does not call the broker yet.
  func deadLetters(of domain: Name) throws(ChannelError) -> any DeadLetters

  /// Closes all consumers, and frees all resources.
  func close() async
}

/// A broker's message, not decoded yet.
public struct ChannelMessage: Sendable, Equatable {
  public typealias Header = DeadLetter.Header

  /// Messages of one key keep their order; empty for none.
  public var key: Bytes
  /// As text; names may repeat.
  public var headers: [Header]
  public var body: Bytes
  /// Identifies the message within the broker, the same at every read; empty until it is
  /// published.
  public var place: String

  public init(key: Bytes, headers: [Header], body: Bytes, place: String = "") {
    self.key = key
    self.headers = headers
    self.body = body
    self.place = place
  }

  /// The value of the last header with this name.
  public func header(_ name: String) -> String? { headers.last { $0.name == name }?.value }
}
