import Contracts
import EventModel
import EventSourcing
import Testing

@testable import MongoStorage

extension Commit {
  /// One event of the domain `orders`.
  static func sample(
    _ root: Root, at first: SequenceNumber = 0, commandID: String? = nil, bodySize: Int = 10
  ) -> Commit {
    let time = Timestamp(seconds: 1_700_000_000, nanoseconds: 123_456_789)
    var pages = PageBlock(emptyAt: first)
    pages.append(
      EventPage(
        sequence: first, createdAt: time,
        body: Bytes(ProtobufText.event("type.googleapis.com/shop.OrderPlaced", size: bodySize))))
    return Commit(
      cover: Cover(domain: "orders", root: root), id: .random(), pages: pages,
      commandID: commandID, createdAt: time)
  }
}

/// Field 4 of a page, an `Any` with that type URL.
enum ProtobufText {
  static func event(_ typeURL: String, size: Int) -> Bytes {
    let any = field(1, Bytes(typeURL.utf8)) + field(2, Bytes(repeating: 7, count: size))
    return field(4, any)
  }

  private static func field(_ number: UInt8, _ content: Bytes) -> Bytes {
    var length: Bytes = []
    var rest = content.count
    repeat {
      length.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return [number << 3 | 2] + length + content
  }
}

extension MongoStorage {
  /// The domain `orders`, created.
  func orders() async throws -> MongoDomain {
    let domain = try await mongoDomain("orders")
    try await domain.calls.call { [existence = domain.existence] client throws(MongoFailure) in
      try existence.ensure(client)
    }
    return domain
  }
}
