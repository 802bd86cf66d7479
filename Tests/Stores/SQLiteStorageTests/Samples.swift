import EventModel
import EventSourcing
import Testing

extension Root {
  static func random() -> Root {
    var random = SystemRandomNumberGenerator()
    return Root.random(using: &random)
  }
}

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

func wholeLog(_ store: any EventStore) async throws -> [RecordedCommit] {
  var log: [RecordedCommit] = []
  while true {
    let last = log.last?.position ?? Position(number: 0)
    let portion = try await store.log(after: last, limit: ReadLimit())
    if portion.isEmpty { return log }
    log += portion
  }
}

/// Expects the failure, and that its message says these things.
func expectFailure(
  _ code: StorageError.Code, saying words: [String] = [], from call: () async throws -> Void,
  sourceLocation: SourceLocation = #_sourceLocation
) async {
  await #expect(sourceLocation: sourceLocation) {
    try await call()
  } throws: { error in
    guard let error = error as? StorageError else { return false }
    return error.code == code && words.allSatisfy { error.message.contains($0) }
  }
}
