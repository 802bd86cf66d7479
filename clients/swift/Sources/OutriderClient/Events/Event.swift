internal import EventModel
public import FoundationEssentials
internal import LibCrypto
internal import Synchronization
internal import Wire

/// A position in a domain's log. It increases within a partition.
public struct Position: Sendable, Hashable {
  public let partition: UInt32
  public let number: UInt64

  public init(partition: UInt32 = 0, number: UInt64) {
    self.partition = partition
    self.number = number
  }
}

/// An event's identity, position and cause. Handlers get the payload separately.
public struct Event: Sendable {
  public let domain: String
  public let root: UUID
  public let sequence: UInt32
  /// The entity of the aggregate that the event happened to, `type:id`; empty: the aggregate
  /// itself.
  public let entity: String
  public let commandID: String
  public let correlation: String
  public let headers: [String: String]
  public let createdAt: Date?
  public let position: Position?
  /// The number of causes before the event's own command.
  public let depth: UInt32
  /// The subscription that delivered it; part of derived command ids.
  public let subscription: String

  /// Commands that this delivery has sent. Copies of the event share the set.
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

  /// A permanent id. Use it as the idempotency key towards other systems.
  public var id: String { "\(domain)/\(root.text)/\(sequence)" }

  /// An id that is the same at each delivery of the event to this subscription; one for each step.
  ///
  /// The first 16 bytes of a SHA-256 digest, the same in every framework:
  /// `clients/derived-ids.json` has samples.
  public func derivedID(step: String = "") -> UUID {
    let parts = [subscription, domain, root.text, "\(sequence)", step]
    return UUID(bytes: LibCrypto.sha256(Array(parts.joined(separator: "\0").utf8)))
  }

  /// The cause of a command sent for this event.
  var cause: Evented.Cause {
    Evented.Cause(
      cover: Cover(domain: domain, root: root), sequence: SequenceNumber(sequence),
      commandID: commandID.isEmpty ? nil : commandID, depth: depth + 1)
  }
}

/// A set of commands, by aggregate and id.
final class SentCommands: Sendable {
  private let names = Mutex(Set<String>())

  func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }
  func insert(_ name: String) { names.withLock { _ = $0.insert(name) } }
}
