import SQLiteStorage
import StorageContract
import Testing

@Suite struct ContractTests {
  @Test(arguments: StorageContract.facts + StorageContract.persistenceFacts)
  func keeps(_ fact: Fact) async throws {
    try await withTemporaryDirectory { directory in
      try await fact.check { now in try SQLiteStorage(directory: directory, now: now) }
    }
  }
}
