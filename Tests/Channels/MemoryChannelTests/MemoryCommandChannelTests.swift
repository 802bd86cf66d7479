import Contracts
import MemoryChannel
import Testing

@Suite(.timeLimit(.minutes(5))) struct MemoryCommandChannelTests {
  @Test(arguments: Contracts.commandChannelFacts)
  func keeps(_ fact: CommandChannelFact) async throws {
    try await fact.check(MemoryCommandChannel())
  }
}
