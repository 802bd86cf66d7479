import MongoStorage
import StorageContract
import Testing

@Suite struct ContractTests {
  @Test(arguments: StorageContract.facts + StorageContract.persistenceFacts)
  func keeps(_ fact: Fact) async throws {
    try await withDatabase { uri in
      try await fact.check { now in try MongoStorage(uri: uri, now: now) }
    }
  }
}
