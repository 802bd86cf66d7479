import CWire
import EventModel

// Requests and responses of service `Subscriptions`, without `Subscribe`.

extension OutriderV1 {
  /// Requests a page of a domain's subscriptions.
  public struct ListSubscriptionsRequest: WireDecodable, WireEncodable, Equatable {
    public var domain: Name
    public var page: Page

    public init(domain: Name, page: Page = Page()) {
      self.domain = domain
      self.page = page
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__ListSubscriptionsRequest.self, wireBytes) {
        message throws(WireError) in
        Self(
          domain: try domainName(message.pointee.domain),
          page: Page(
            wireSize: message.pointee.page_size, token: bytes(message.pointee.page_token)))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__ListSubscriptionsRequest.self) { builder, request in
        request.domain = builder.string(domain)
        request.page_size = page.wireSize
        request.page_token = builder.data(page.token)
      }
    }
  }

  /// A page of a domain's subscriptions.
  public struct ListSubscriptionsResponse: WireDecodable, WireEncodable, Equatable {
    public var subscriptions: [SubscriptionStatus]
    /// The next page's token; empty on the last page.
    public var nextPage: Bytes

    public init(subscriptions: [SubscriptionStatus], nextPage: Bytes = []) {
      self.subscriptions = subscriptions
      self.nextPage = nextPage
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__ListSubscriptionsResponse.self, wireBytes) {
        message throws(WireError) in
        var response = Self(
          subscriptions: [], nextPage: bytes(message.pointee.next_page_token))
        let subscriptions = elements(
          message.pointee.subscriptions, message.pointee.n_subscriptions)
        for subscription in subscriptions {
          response.subscriptions.append(
            try at("subscriptions[\(response.subscriptions.count)]") { () throws(WireError) in
              try SubscriptionStatus(subscription)
            })
        }
        return response
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__ListSubscriptionsResponse.self) { builder, response in
        var made: [UnsafeMutablePointer<Outrider__V1__SubscriptionStatus>] = []
        for subscription in subscriptions { made.append(subscription.made(by: builder)) }
        response.n_subscriptions = made.count
        response.subscriptions = builder.array(made)
        response.next_page_token = builder.data(nextPage)
      }
    }
  }

  /// Names the subscription to delete.
  public struct DeleteSubscriptionRequest: WireDecodable, WireEncodable, Equatable {
    public var name: Name
    public var domain: Name

    public init(name: Name, domain: Name) {
      self.name = name
      self.domain = domain
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__DeleteSubscriptionRequest.self, wireBytes) {
        message throws(WireError) in
        Self(
          name: try subscriptionName(message.pointee.name),
          domain: try domainName(message.pointee.domain))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__DeleteSubscriptionRequest.self) { builder, request in
        request.name = builder.string(name)
        request.domain = builder.string(domain)
      }
    }
  }

  /// Moves a subscription.
  public struct SeekSubscriptionRequest: WireDecodable, WireEncodable, Equatable {
    public var name: Name
    public var domain: Name
    /// The start in partitions that `after` does not name.
    public var start: SubscriptionStart
    /// At most one for each partition.
    public var after: [Position]
    /// The new number of lanes; nil: unchanged.
    public var lanes: Int?

    public init(
      name: Name, domain: Name, start: SubscriptionStart = .beginning, after: [Position] = [],
      lanes: Int? = nil
    ) {
      self.name = name
      self.domain = domain
      self.start = start
      self.after = after
      self.lanes = lanes
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__SeekSubscriptionRequest.self, wireBytes) {
        message throws(WireError) in
        var request = Self(
          name: try subscriptionName(message.pointee.name),
          domain: try domainName(message.pointee.domain), start: try .init(message.pointee.start),
          lanes: try laneCount(message.pointee.lanes))
        for position in elements(message.pointee.after, message.pointee.n_after) {
          guard !request.after.contains(where: { $0.partition == position.partition }) else {
            throw .invalid("after", "names partition \(position.partition) twice")
          }
          request.after.append(Position(position))
        }
        return request
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__SeekSubscriptionRequest.self) { builder, request in
        request.name = builder.string(name)
        request.domain = builder.string(domain)
        request.start = start.wireValue
        var made: [UnsafeMutablePointer<Outrider__V1__Position>] = []
        for position in after { made.append(builder.logPosition(position)) }
        request.n_after = made.count
        request.after = builder.array(made)
        request.lanes = UInt32(clamping: lanes ?? 0)
      }
    }
  }
}
