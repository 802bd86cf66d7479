import Contracts
import MemoryChannel
import Testing

@Suite(.timeLimit(.minutes(5))) struct MemoryChannelTests {
  @Test(arguments: Contracts.channelFacts)
  func keeps(_ fact: ChannelFact) async throws {
    let channel = MemoryChannel()
    try await fact.check(
      ChannelSubject(channel) { domain, subscription in
        channel.put(malformed: "no event book", into: subscription, of: domain)
      })
  }
}
