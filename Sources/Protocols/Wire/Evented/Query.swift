import CWire
import EventModel

extension Evented {
  /// A range of one aggregate's events.
  public struct Query: WireDecodable, WireEncodable, Equatable {
    public var cover: Cover
    /// The first wanted event.
    public var lower: SequenceNumber
    /// The end of the range (exclusive), above `lower`; nil: no end.
    public var upper: SequenceNumber?

    public init(cover: Cover, lower: SequenceNumber = .first, upper: SequenceNumber? = nil) {
      self.cover = cover
      self.lower = lower
      self.upper = upper
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Evented__Query.self, wireBytes) { message throws(WireError) in
        let (lower, upper) = (message.pointee.lowerbound, message.pointee.upperbound)
        let cover = try Cover(domain: message.pointee.domain, root: message.pointee.root)
        guard upper == 0 || upper > lower else {
          throw .invalid("upperBound", "must be 0 or above lowerBound, \(lower), got \(upper)")
        }
        return Query(
          cover: cover, lower: SequenceNumber(lower),
          upper: upper == 0 ? nil : SequenceNumber(upper))
      }
    }

    public var wireBytes: Bytes {
      pack(Evented__Query.self) { builder, query in
        query.domain = builder.string(cover.domain)
        query.root = builder.root(cover.root)
        query.lowerbound = lower.rawValue
        query.upperbound = upper?.rawValue ?? 0
      }
    }
  }

  /// The name of an aggregate in a listing.
  public struct AggregateRoot: WireDecodable, WireEncodable, Equatable {
    public var cover: Cover

    public init(_ cover: Cover) { self.cover = cover }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Evented__AggregateRoot.self, wireBytes) { message throws(WireError) in
        AggregateRoot(try Cover(domain: message.pointee.domain, root: message.pointee.root))
      }
    }

    public var wireBytes: Bytes {
      pack(Evented__AggregateRoot.self) { builder, aggregate in
        aggregate.domain = builder.string(cover.domain)
        aggregate.root = builder.root(cover.root)
      }
    }
  }
}
