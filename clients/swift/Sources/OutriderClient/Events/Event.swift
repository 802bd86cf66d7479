internal import EventModel
public import FoundationEssentials
internal import LibCrypto
internal import Synchronization
internal import Wire

/// A place in a domain's log. Positions of one partition rise along it.
public struct Position: Sendable, Hashable {
  public let partition: UInt32
  public let number: UInt64

  public init(partition: UInt32 = 0, number: UInt64) {
    self.partition = partition
    self.number = number
  }
}

/// Which event it is, where it stands, and what led to it. The payload comes beside it.
public struct Event: Sendable {
  public let domain: String
  public let root: UUID
  public let sequence: UInt32
  /// Which of the aggregate's entities it happened to, `type:id`. Empty: the aggregate itself.
  public let entity: String
  public let commandID: String
  public let correlation: String
  public let headers: [String: String]
  public let createdAt: Date?
  public let position: Position?
  /// How many causes lie before the event's own command.
  public let depth: UInt32
  /// The subscription that delivered it; part of the ids that it gives to commands.
  public let subscription: String

  /// Commands that this delivery has sent. Copies of the event share them.
  let sent = SentCommands()

  public init(
    domain: String, root: UUID, sequence: UInt32, entity: String = "", commandID: String = "",
    correlation: String = "", headers: [String: String] = [:], createdAt: Date? = nil,
    position: Position? = nil, depth: UInt32 = 0, subscription: String = ""
  ) {
    self.domain = domain
    self.root = root
    self.sequence = sequence
    self.entity = entity
    self.commandID = commandID
    self.correlation = correlation
    self.headers = headers
    self.createdAt = createdAt
    self.position = position
    self.depth = depth
    self.subscription = subscription
  }

  /// Names the event for good. Give it to other systems as their idempotency key.
  public var id: String { "\(domain)/\(root.text)/\(sequence)" }

  /// An id that is the same at each delivery of the event to this subscription; one for each step.
  ///
  /// The first 16 bytes of a SHA-256 digest, in every framework: `clients/derived-ids.json` has
  /// samples.
  public func derivedID(step: String = "") -> UUID {
    let parts = [subscription, domain, root.text, "\(sequence)", step]
    return UUID(bytes: LibCrypto.sha256(Array(parts.joined(separator: "\0").utf8)))
  }

  /// What a command says that this event led to.
  var cause: Evented.Cause {
    Evented.Cause(
      cover: Cover(domain: domain, root: root), sequence: SequenceNumber(sequence),
      commandID: commandID.isEmpty ? nil : commandID, depth: depth + 1)
  }
}

/// Commands by aggregate and id, each of them once.
final class SentCommands: Sendable {
  private let names = Mutex(Set<String>())

  func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }
  func insert(_ name: String) { names.withLock { _ = $0.insert(name) } }
}
