import Contracts
import EventModel
import EventSourcing
import Testing

@testable import KafkaChannel

@Suite(.timeLimit(.minutes(5))) struct KafkaChannelTests {
  @Test(arguments: Contracts.channelFacts)
  func keeps(_ fact: ChannelFact) async throws {
    try await check(fact, at: try TestBroker.address())
  }

  @Test(arguments: Contracts.channelFacts)
  func keepsOnTheMockCluster(_ fact: ChannelFact) async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    try await check(fact, at: try cluster.address())
  }

  private func check(_ fact: ChannelFact, at address: KafkaAddress) async throws {
    try await fact.check(
      ChannelSubject(try KafkaChannel(address)) { domain, _ in
        try await TestBroker.putMalformed(at: address, domain: domain)
      })
  }
}
