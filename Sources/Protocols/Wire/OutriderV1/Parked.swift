import CWire
import EventModel

// Requests and responses of service `Parked`.

extension OutriderV1 {
  /// Requests a page of parked aggregates.
  public struct ListParkedRequest: WireDecodable, WireEncodable, Equatable {
    /// Only this one; nil: all.
    public var subscription: Name?
    /// Only this one; nil: all.
    public var domain: Name?
    public var page: Page

    public init(subscription: Name? = nil, domain: Name? = nil, page: Page = Page()) {
      self.subscription = subscription
      self.domain = domain
      self.page = page
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__ListParkedRequest.self, wireBytes) {
        message throws(WireError) in
        let subscription = Name(text(message.pointee.subscription))
        let domain = Name(text(message.pointee.domain))
        return Self(
          subscription: subscription.isEmpty ? nil : subscription,
          domain: domain.isEmpty ? nil : try domainName(message.pointee.domain),
          page: Page(
            wireSize: message.pointee.page_size, token: bytes(message.pointee.page_token)))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__ListParkedRequest.self) { builder, request in
        request.subscription = builder.string(subscription ?? "")
        request.domain = builder.string(domain ?? "")
        request.page_size = page.wireSize
        request.page_token = builder.data(page.token)
      }
    }
  }

  /// A page of parked aggregates.
  public struct ListParkedResponse: WireDecodable, WireEncodable, Equatable {
    public var parked: [ParkedAggregate]
    /// The next page's token; empty on the last page.
    public var nextPage: Bytes

    public init(parked: [ParkedAggregate], nextPage: Bytes = []) {
      self.parked = parked
      self.nextPage = nextPage
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__ListParkedResponse.self, wireBytes) {
        message throws(WireError) in
        var response = Self(parked: [], nextPage: bytes(message.pointee.next_page_token))
        for parked in elements(message.pointee.parked, message.pointee.n_parked) {
          response.parked.append(
            try at("parked[\(response.parked.count)]") { () throws(WireError) in
              try ParkedAggregate(parked)
            })
        }
        return response
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__ListParkedResponse.self) { builder, response in
        var made: [UnsafeMutablePointer<Outrider__V1__ParkedAggregate>] = []
        for aggregate in parked { made.append(aggregate.made(by: builder)) }
        response.n_parked = made.count
        response.parked = builder.array(made)
        response.next_page_token = builder.data(nextPage)
      }
    }
  }

  /// Names the aggregate to retry.
  public struct RetryParkedRequest: WireDecodable, WireEncodable, Equatable {
    public var subscription: Name
    public var cover: Cover

    public init(subscription: Name, cover: Cover) {
      self.subscription = subscription
      self.cover = cover
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__RetryParkedRequest.self, wireBytes) {
        message throws(WireError) in
        Self(
          subscription: try name("subscription", message.pointee.subscription),
          cover: try Cover(domain: message.pointee.domain, root: message.pointee.root))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__RetryParkedRequest.self) { builder, request in
        request.subscription = builder.string(subscription)
        request.domain = builder.string(cover.domain)
        request.root = builder.root(cover.root)
      }
    }
  }

  /// Names the aggregate whose events are skipped.
  public struct SkipParkedRequest: WireDecodable, WireEncodable, Equatable {
    public var subscription: Name
    public var cover: Cover
    /// The last event to skip; nil: only the failed one. (On the wire it is the one after it.)
    public var through: SequenceNumber?

    public init(subscription: Name, cover: Cover, through: SequenceNumber? = nil) {
      self.subscription = subscription
      self.cover = cover
      self.through = through
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__SkipParkedRequest.self, wireBytes) {
        message throws(WireError) in
        let resumeAt = message.pointee.resume_at
        return Self(
          subscription: try name("subscription", message.pointee.subscription),
          cover: try Cover(domain: message.pointee.domain, root: message.pointee.root),
          through: resumeAt == 0 ? nil : SequenceNumber(resumeAt - 1))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__SkipParkedRequest.self) { builder, request in
        request.subscription = builder.string(subscription)
        request.domain = builder.string(cover.domain)
        request.root = builder.root(cover.root)
        request.resume_at = through.map { $0.advanced(by: 1)?.rawValue ?? .max } ?? 0
      }
    }
  }

  /// The result of a retry or a skip.
  public struct ParkedOutcome: WireDecodable, WireEncodable, Equatable {
    /// The current state if it is still parked; nil: it has caught up.
    public var stillParked: ParkedAggregate?

    public init(stillParked: ParkedAggregate?) { self.stillParked = stillParked }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__ParkedOutcome.self, wireBytes) {
        message throws(WireError) in
        guard let parked = message.pointee.still_parked else { return Self(stillParked: nil) }
        return Self(
          stillParked: try at("still_parked") { () throws(WireError) in
            try ParkedAggregate(parked.pointee)
          })
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__ParkedOutcome.self) { builder, outcome in
        if let stillParked { outcome.still_parked = stillParked.made(by: builder) }
      }
    }
  }
}
