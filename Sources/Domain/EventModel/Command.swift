import Names

/// A command book: what a client asks of one aggregate.
public struct Command: Equatable, Sendable {
  public var cover: Cover
  /// The client's idempotency key, unique for the aggregate.
  @Bytewise public var id: String?
  /// The sequence number that the first new event must get; nil if the client does not insist.
  public var expected: SequenceNumber?
  public var origin: Origin
  /// Whether a page asks for all events to be synchronous.
  public var isSynchronous: Bool
  /// The `evented.CommandBook` as received. Business logic gets these very bytes.
  public var encoded: Bytes

  public init(
    cover: Cover, id: String? = nil, expected: SequenceNumber? = nil, origin: Origin = Origin(),
    isSynchronous: Bool = false, encoded: Bytes
  ) {
    self.cover = cover
    self.id = id
    self.expected = expected
    self.origin = origin
    self.isSynchronous = isSynchronous
    self.encoded = encoded
  }
}
