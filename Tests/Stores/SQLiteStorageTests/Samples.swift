import Contracts
import EventModel
import EventSourcing
import Testing

extension Commit {
  /// One event of the domain `orders`.
  static func sample(
    _ root: Root, at first: SequenceNumber = 0, commandID: String? = nil, bodySize: Int = 10
  ) -> Commit {
    let time = Timestamp(seconds: 1_700_000_000)
    var pages = PageBlock(emptyAt: first)
    pages.append(
      EventPage(sequence: first, createdAt: time, body: .field(4, size: bodySize)))
    return Commit(
      cover: Cover(domain: "orders", root: root), id: .random(), pages: pages,
      commandID: commandID, createdAt: time)
  }
}

extension Bytes {
  /// A length-delimited field with content of that size.
  fileprivate static func field(_ number: UInt8, size: Int) -> Bytes {
    var length: Bytes = []
    var rest = size
    repeat {
      length.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return [number << 3 | 2] + length + Bytes(repeating: 1, count: size)
  }
}
