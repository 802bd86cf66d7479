import CWire
import EventModel

extension OutriderV1 {
  /// A message of a subscription's consumer: its wishes first, then acknowledgements.
  public struct SubscribeRequest: WireDecodable, WireEncodable, Equatable {
    /// In the first request only.
    public var begin: SubscriptionBegin?
    public var acknowledgements: [Acknowledgement]

    public init(begin: SubscriptionBegin? = nil, acknowledgements: [Acknowledgement] = []) {
      self.begin = begin
      self.acknowledgements = acknowledgements
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__SubscribeRequest.self, wireBytes) {
        message throws(WireError) in
        var request = Self()
        if let begin = message.pointee.begin {
          request.begin = try at("begin") { () throws(WireError) in
            try SubscriptionBegin(begin.pointee)
          }
        }
        let acknowledgements = elements(
          message.pointee.acknowledgements, message.pointee.n_acknowledgements)
        for acknowledgement in acknowledgements {
          request.acknowledgements.append(
            try at("acknowledgements[\(request.acknowledgements.count)]") {
              () throws(WireError) in try Acknowledgement(acknowledgement)
            })
        }
        return request
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__SubscribeRequest.self) { builder, request in
        request.begin = begin?.made(by: builder)
        var made: [UnsafeMutablePointer<Outrider__V1__Acknowledgement>] = []
        for acknowledgement in acknowledgements { made.append(acknowledgement.made(by: builder)) }
        request.n_acknowledgements = made.count
        request.acknowledgements = builder.array(made)
      }
    }
  }

  /// Acknowledges a delivered commit.
  public struct Acknowledgement: Sendable, Equatable {
    public var domain: Name
    public var position: Position
    public var lane: UInt32

    public init(domain: Name, position: Position, lane: UInt32 = 0) {
      self.domain = domain
      self.position = position
      self.lane = lane
    }
  }
}

extension OutriderV1.Acknowledgement {
  fileprivate init(_ acknowledgement: Outrider__V1__Acknowledgement) throws(WireError) {
    guard let position = acknowledgement.position else { throw .missing("position") }
    self.init(
      domain: try domainName(acknowledgement.domain), position: Position(position.pointee),
      lane: acknowledgement.lane)
  }

  fileprivate func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__Acknowledgement> {
    let acknowledgement = builder.make(Outrider__V1__Acknowledgement.self)
    acknowledgement.pointee.domain = builder.string(domain)
    acknowledgement.pointee.position = builder.logPosition(position)
    acknowledgement.pointee.lane = lane
    return acknowledgement
  }
}

extension MessageBuilder {
  func logPosition(_ position: Position) -> UnsafeMutablePointer<Outrider__V1__Position> {
    let message = make(Outrider__V1__Position.self)
    message.pointee.partition = position.partition
    message.pointee.number = position.number
    return message
  }
}
