import CWire
import EventModel

extension OutriderV1 {
  /// A message that a projector's consumer set aside.
  public struct DeadLetter: WireDecodable, WireEncodable, Equatable {
    public struct Header: Sendable, Equatable {
      public var name: String
      public var value: String

      public init(name: String, value: String) {
        self.name = name
        self.value = value
      }
    }

    public var id: String
    public var subscription: Name
    public var domain: Name
    public var partition: UInt32
    /// Empty if another tool set the letter aside.
    public var reason: String
    /// Nil if another tool set the letter aside.
    public var setAsideAt: Timestamp?
    public var bodySize: UInt64
    /// Empty in a listing.
    public var headers: [Header]
    /// Empty in a listing.
    public var body: Bytes

    public init(
      id: String, subscription: Name, domain: Name, partition: UInt32, reason: String,
      setAsideAt: Timestamp?, bodySize: UInt64, headers: [Header] = [], body: Bytes = []
    ) {
      self.id = id
      self.subscription = subscription
      self.domain = domain
      self.partition = partition
      self.reason = reason
      self.setAsideAt = setAsideAt
      self.bodySize = bodySize
      self.headers = headers
      self.body = body
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__DeadLetter.self, wireBytes) { message throws(WireError) in
        try Self(message.pointee)
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__DeadLetter.self) { builder, letter in fill(&letter, builder) }
    }
  }
}

extension OutriderV1.DeadLetter {
  init(_ letter: Outrider__V1__DeadLetter) throws(WireError) {
    let time = try letter.set_aside_at.map { time throws(WireError) in
      try at("set_aside_at") { () throws(WireError) in try Timestamp(time.pointee) }
    }
    self.init(
      id: text(letter.id), subscription: Name(text(letter.subscription)),
      domain: Name(text(letter.domain)), partition: letter.partition, reason: text(letter.reason),
      setAsideAt: time, bodySize: letter.body_size,
      headers: elements(letter.headers, letter.n_headers).map {
        Header(name: text($0.name), value: text($0.value))
      }, body: bytes(letter.body))
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__DeadLetter> {
    let letter = builder.make(Outrider__V1__DeadLetter.self)
    fill(&letter.pointee, builder)
    return letter
  }

  private func fill(
    _ letter: inout Outrider__V1__DeadLetter, _ builder: borrowing MessageBuilder
  ) {
    letter.id = builder.string(id)
    letter.subscription = builder.string(subscription)
    letter.domain = builder.string(domain)
    letter.partition = partition
    letter.reason = builder.string(reason)
    if let setAsideAt { letter.set_aside_at = builder.time(setAsideAt) }
    letter.body_size = bodySize
    var made: [UnsafeMutablePointer<Outrider__V1__DeadLetterHeader>] = []
    for header in headers {
      let message = builder.make(Outrider__V1__DeadLetterHeader.self)
      message.pointee.name = builder.string(header.name)
      message.pointee.value = builder.string(header.value)
      made.append(message)
    }
    letter.n_headers = made.count
    letter.headers = builder.array(made)
    letter.body = builder.data(body)
  }
}
