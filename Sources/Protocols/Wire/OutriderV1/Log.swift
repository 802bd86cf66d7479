import CWire
import EventModel

// Requests and responses of service `Log`, without entries.

extension OutriderV1 {
  /// Requests commits of a domain's log.
  public struct ReadLogRequest: WireDecodable, WireEncodable, Equatable {
    public var domain: Name
    /// Read after this position; number 0: from the beginning of the partition.
    public var after: Position
    /// True: stay, and receive new commits.
    public var follow: Bool
    /// The most entries; nil: no limit.
    public var limit: Int?

    public init(
      domain: Name, after: Position = Position(number: 0), follow: Bool = false,
      limit: Int? = nil
    ) {
      self.domain = domain
      self.after = after
      self.follow = follow
      self.limit = limit
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__ReadLogRequest.self, wireBytes) {
        message throws(WireError) in
        let request = message.pointee
        return Self(
          domain: try domainName(request.domain),
          after: Position(partition: request.partition, number: request.after),
          follow: request.follow != 0, limit: request.limit == 0 ? nil : Int(request.limit))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__ReadLogRequest.self) { builder, request in
        request.domain = builder.string(domain)
        request.partition = after.partition
        request.after = after.number
        request.follow = follow ? 1 : 0
        request.limit = UInt32(clamping: limit ?? 0)
      }
    }
  }

  /// Requests the head of a domain's log.
  public struct HeadRequest: WireDecodable, WireEncodable, Equatable {
    public var domain: Name

    public init(domain: Name) { self.domain = domain }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__HeadRequest.self, wireBytes) { message throws(WireError) in
        Self(domain: try domainName(message.pointee.domain))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__HeadRequest.self) { builder, request in
        request.domain = builder.string(domain)
      }
    }
  }

  /// The head of a domain's log, one position for each partition.
  public struct HeadResponse: WireDecodable, WireEncodable, Equatable {
    public var positions: [Position]

    public init(positions: [Position]) { self.positions = positions }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__HeadResponse.self, wireBytes) {
        message throws(WireError) in
        Self(
          positions: elements(message.pointee.positions, message.pointee.n_positions)
            .map { Position($0) })
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__HeadResponse.self) { builder, response in
        var made: [UnsafeMutablePointer<Outrider__V1__Position>] = []
        for position in positions {
          let message = builder.make(Outrider__V1__Position.self)
          message.pointee.partition = position.partition
          message.pointee.number = position.number
          made.append(message)
        }
        response.n_positions = made.count
        response.positions = builder.array(made)
      }
    }
  }
  /// The existing domains.
  public struct DomainsResponse: WireDecodable, WireEncodable, Equatable {
    public var domains: [Name]

    public init(domains: [Name]) { self.domains = domains }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__DomainsResponse.self, wireBytes) {
        message throws(WireError) in
        var domains: [Name] = []
        for index in 0..<message.pointee.n_domains {
          domains.append(try domainName(message.pointee.domains?[index]))
        }
        return Self(domains: domains)
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__DomainsResponse.self) { builder, response in
        response.n_domains = domains.count
        response.domains = builder.array(domains.map { builder.string($0) })
      }
    }
  }
}
