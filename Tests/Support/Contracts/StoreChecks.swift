import EventModel
import EventSourcing
import Testing

extension Root {
  package static func random() -> Root {
    var random = SystemRandomNumberGenerator()
    return Root.random(using: &random)
  }
}

extension CommitID {
  package static func random() -> CommitID {
    var random = SystemRandomNumberGenerator()
    return CommitID.random(using: &random)
  }
}

extension EventStore {
  /// The whole log of a partition, read in portions of that size.
  package func wholeLog(
    _ limit: ReadLimit = ReadLimit(), partition: UInt32 = 0
  ) async throws -> [RecordedCommit] {
    var log: [RecordedCommit] = []
    while true {
      let last = log.last?.position ?? Position(partition: partition, number: 0)
      let portion = try await self.log(after: last, limit: limit)
      if portion.isEmpty { return log }
      log += portion
    }
  }
}

/// Expects the failure, and that it says these things to the operator.
package func expectFailure(
  _ code: StorageError.Code, saying words: [String] = [], from call: () async throws -> Void,
  sourceLocation: SourceLocation = #_sourceLocation
) async {
  await #expect(sourceLocation: sourceLocation) {
    try await call()
  } throws: { error in
    guard let error = error as? StorageError else { return false }
    return error.code == code && words.allSatisfy { "\(error)".contains($0) }
  }
}
