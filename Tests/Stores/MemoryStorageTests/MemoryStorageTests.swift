import Contracts
import MemoryStorage
import Testing

@Suite(.timeLimit(.minutes(5))) struct MemoryStorageTests {
  @Test(arguments: Contracts.facts)
  func keeps(_ fact: Fact) async throws {
    try await fact.check { now in MemoryStorage(now: now) }
  }
}
