import MemoryStorage
import StorageContract
import Testing

@Suite struct MemoryStorageTests {
  @Test(arguments: StorageContract.facts)
  func keeps(_ fact: Fact) async throws {
    try await fact.check { now in MemoryStorage(now: now) }
  }
}
