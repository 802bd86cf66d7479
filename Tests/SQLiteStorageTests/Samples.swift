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
      EventPage(sequence: first, createdAt: time, body: Bytes(repeating: 1, count: bodySize)))
    return Commit(
      cover: Cover(domain: "orders", root: root), id: .random(), pages: pages,
      commandID: commandID, createdAt: time)
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
