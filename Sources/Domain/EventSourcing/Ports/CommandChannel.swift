import EventModel

/// A message broker that carries commands to the command-handlers of their domains, each command in
/// one message. Whoever may write to the broker may command.
///
/// Every adapter keeps these promises, and `Contracts` tests them:
/// - *Durable*: a message that is published survives a crash of the broker.
/// - *Ordered*: messages of one key are handed to a consumer in the order in which they were
///   published. After a failure some may come again.
/// - *At least once*: each domain's consumers get every message, whoever else gets it, until one of
///   them has acknowledged it. A domain whose consumers were never there gets what came before.
///
/// Domains may share a topic or queue. Then a consumer gets the messages of others, too.
public protocol CommandChannel: Sendable {
  /// The broker's kind and the place in it.
  var name: Name { get }

  /// Publishes a message. Comes back when the broker has confirmed it. Where that fails, the
  /// message may or may not arrive.
  func publish(_ message: ChannelMessage, to domain: Name) async throws(ChannelError)

  /// Begins to consume on behalf of a domain. Its consumers share the messages, those of one key
  /// staying together.
  ///
  /// - Parameter window: how many deliveries may be unacknowledged.
  func consumer(
    of domain: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer<ChannelMessage>

  /// What the domain's consumers set aside. Asks nothing of the broker yet.
  func deadLetters(of domain: Name) throws(ChannelError) -> any DeadLetters

  /// Ends all consumers, and lets go of everything.
  func close() async
}

/// A message as a broker carries it: nobody has looked into it yet.
public struct ChannelMessage: Sendable, Equatable {
  public typealias Header = DeadLetter.Header

  /// Messages of one key keep their order; empty for none.
  public var key: Bytes
  /// As text; a name may come more than once.
  public var headers: [Header]
  public var body: Bytes
  /// Tells it from all other messages of the broker, whenever it is read; empty until it is
  /// published.
  public var place: String

  public init(key: Bytes, headers: [Header], body: Bytes, place: String = "") {
    self.key = key
    self.headers = headers
    self.body = body
    self.place = place
  }

  /// The value of the last header of this name.
  public func header(_ name: String) -> String? { headers.last { $0.name == name }?.value }
}
