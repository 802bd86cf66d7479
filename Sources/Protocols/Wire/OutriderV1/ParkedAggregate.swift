import CWire
import EventModel
import StatusCodes

extension OutriderV1 {
  /// An aggregate that a subscription has parked.
  public struct ParkedAggregate: Sendable, Equatable {
    public var subscription: Name
    public var cover: Cover
    /// The first unhandled event, which failed.
    public var firstSequence: SequenceNumber
    /// Of the logic's last refusal.
    public var statusCode: StatusCode
    /// The logic's message, for people.
    public var reason: String
    /// The number of tries, over all retries.
    public var tries: Int
    public var parkedAt: Timestamp

    public init(
      subscription: Name, cover: Cover, firstSequence: SequenceNumber, statusCode: StatusCode,
      reason: String, tries: Int, parkedAt: Timestamp
    ) {
      self.subscription = subscription
      self.cover = cover
      self.firstSequence = firstSequence
      self.statusCode = statusCode
      self.reason = reason
      self.tries = tries
      self.parkedAt = parkedAt
    }
  }
}

extension OutriderV1.ParkedAggregate {
  init(_ parked: Outrider__V1__ParkedAggregate) throws(WireError) {
    self.init(
      subscription: Name(text(parked.subscription)),
      cover: try Cover(domain: parked.domain, root: parked.root),
      firstSequence: SequenceNumber(parked.first_sequence),
      statusCode: StatusCode(number: parked.code), reason: text(parked.reason),
      tries: Int(parked.tries),
      parkedAt: try Timestamp(required: "parked_at", parked.parked_at))
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__ParkedAggregate> {
    let parked = builder.make(Outrider__V1__ParkedAggregate.self)
    parked.pointee.subscription = builder.string(subscription)
    parked.pointee.domain = builder.string(cover.domain)
    parked.pointee.root = builder.root(cover.root)
    parked.pointee.first_sequence = firstSequence.rawValue
    parked.pointee.code = Int32(statusCode.rawValue)
    parked.pointee.reason = builder.string(reason)
    parked.pointee.tries = UInt32(clamping: tries)
    parked.pointee.parked_at = builder.time(parkedAt)
    return parked
  }
}
