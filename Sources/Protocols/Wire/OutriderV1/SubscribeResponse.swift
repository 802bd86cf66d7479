import CWire
import EventModel

extension OutriderV1 {
  /// A message to a subscription's consumer.
  public enum SubscribeResponse: WireDecodable, WireEncodable, WireContent, Equatable {
    case delivery(SubscriptionDelivery)
    case assignment(LaneAssignment)

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__SubscribeResponse.self, wireBytes) {
        view throws(WireError) in
        var response: Self?
        var reader = FieldReader(view)
        while let field = try reader.next() {
          let content = view.part(field.content)
          switch field.number {
          case 1:
            response = .delivery(
              try at("delivery") { () throws(WireError) in try SubscriptionDelivery(content) })
          case 2:
            response = .assignment(
              try at("assignment") { () throws(WireError) in try LaneAssignment(content) })
          default: break
          }
        }
        guard let response else { throw .missing("delivery") }
        return response
      }
    }

    public var wireBytes: Bytes { written }

    var byteCountGuess: Int {
      guard case .delivery(let delivery) = self else { return 64 }
      return delivery.byteCountGuess + 8
    }

    func write(to writer: inout FieldWriter) {
      switch self {
      case .delivery(let delivery): writer.message(1, delivery)
      case .assignment(let assignment): writer.message(2, assignment)
      }
    }
  }

  /// A commit to handle and acknowledge, or the damage in its place.
  public struct SubscriptionDelivery: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
      case commit(EventBook, id: CommitID)
      /// The error, for people.
      case damage(String)
    }

    public var domain: Name
    public var position: Position
    public var lane: UInt32
    public var content: Content

    public init(domain: Name, position: Position, lane: UInt32, content: Content) {
      self.domain = domain
      self.position = position
      self.lane = lane
      self.content = content
    }
  }

  /// Assigns a lane to this consumer, or revokes it.
  public struct LaneAssignment: Sendable, Equatable {
    public var domain: Name
    public var partition: UInt32
    public var lane: UInt32
    public var isHeld: Bool
    /// The number of the lane's checkpoint: all up to it is acknowledged.
    public var checkpoint: UInt64

    public init(
      domain: Name, partition: UInt32, lane: UInt32, isHeld: Bool, checkpoint: UInt64
    ) {
      self.domain = domain
      self.partition = partition
      self.lane = lane
      self.isHeld = isHeld
      self.checkpoint = checkpoint
    }
  }
}

extension OutriderV1.SubscriptionDelivery: WireContent {
  /// - Parameter view: a delivery that was checked.
  fileprivate init(_ view: View) throws(WireError) {
    var domain = Name("")
    var position: Position?
    var lane: UInt32 = 0
    var book: EventBook?
    var id: CommitID?
    var damage: String?
    var reader = FieldReader(view)
    while let field = try reader.next() {
      let content = view.part(field.content)
      switch field.number {
      case 1: domain = Name(String(decoding: content, as: UTF8.self))
      case 2: position = try Position(content)
      case 3: lane = UInt32(truncatingIfNeeded: field.value)
      case 4:
        book = try at("book") { () throws(WireError) in
          try EventBook(withPages: try BookFields(content))
        }
      case 5: id = CommitID(content)
      case 6: damage = String(decoding: content, as: UTF8.self)
      default: break
      }
    }
    guard !domain.isEmpty else { throw .missing("domain") }
    guard let position else { throw .missing("position") }
    let content: Content
    if let damage, !damage.isEmpty {
      content = .damage(damage)
    } else {
      guard let book else { throw .missing("book") }
      guard let id else { throw .invalid("commit_id", "must be \(Root.byteCount) bytes") }
      content = .commit(book, id: id)
    }
    self.init(domain: domain, position: position, lane: lane, content: content)
  }

  var byteCountGuess: Int {
    guard case .commit(let book, _) = content else { return 0 }
    return book.byteCountGuess + domain.utf8.count + 48
  }

  /// Copies the pages as stored.
  func write(to writer: inout FieldWriter) {
    writer.text(1, domain)
    writer.message(2, position)
    writer.number(3, UInt64(lane))
    switch content {
    case .commit(let book, let id):
      writer.message(4, book)
      writer.field(5, id.bytes)
    case .damage(let message): writer.text(6, message)
    }
  }
}

extension OutriderV1.LaneAssignment: WireContent {
  /// - Parameter view: an assignment that was checked.
  fileprivate init(_ view: View) throws(WireError) {
    self.init(domain: "", partition: 0, lane: 0, isHeld: false, checkpoint: 0)
    var reader = FieldReader(view)
    while let field = try reader.next() {
      switch field.number {
      case 1: domain = Name(String(decoding: view.part(field.content), as: UTF8.self))
      case 2: partition = UInt32(truncatingIfNeeded: field.value)
      case 3: lane = UInt32(truncatingIfNeeded: field.value)
      case 4: isHeld = field.value != 0
      case 5: checkpoint = field.value
      default: break
      }
    }
    guard !domain.isEmpty else { throw .missing("domain") }
  }

  func write(to writer: inout FieldWriter) {
    writer.text(1, domain)
    writer.number(2, UInt64(partition))
    writer.number(3, UInt64(lane))
    writer.number(4, isHeld ? 1 : 0)
    writer.number(5, checkpoint)
  }
}
