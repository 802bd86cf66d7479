/// One event of an aggregate, numbered and stamped.
public struct EventPage: Equatable, Sendable {
  public var sequence: SequenceNumber
  public var createdAt: Timestamp
  /// Whether synchronous projectors and sagas handle it before the command is answered.
  public var synchronous: Bool
  /// The rest of the page in wire form: fields 4 (`Event`, an `Any`) and 16 (`entity`), and
  /// fields unknown to this version. Never decoded.
  public var body: Bytes

  public init(
    sequence: SequenceNumber, createdAt: Timestamp, synchronous: Bool = false, body: Bytes
  ) {
    self.sequence = sequence
    self.createdAt = createdAt
    self.synchronous = synchronous
    self.body = body
  }
}

/// An event on its way into the log, from business logic or from a client that records facts.
public struct ProposedPage: Equatable, Sendable {
  public enum Number: Equatable, Sendable {
    /// The next number: nothing was set, or `force`.
    case next
    /// This number, and no other.
    case exactly(SequenceNumber)
  }

  public var number: Number
  /// The time of the event; nil lets Outrider stamp it.
  public var createdAt: Timestamp?
  public var synchronous: Bool
  /// As `EventPage.body`.
  public var body: Bytes

  public init(
    number: Number = .next, createdAt: Timestamp? = nil, synchronous: Bool = false, body: Bytes
  ) {
    self.number = number
    self.createdAt = createdAt
    self.synchronous = synchronous
    self.body = body
  }
}
