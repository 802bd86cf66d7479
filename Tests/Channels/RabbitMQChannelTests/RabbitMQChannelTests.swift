import Contracts
import EventModel
import EventSourcing
import Testing

@testable import RabbitMQChannel

@Suite(.timeLimit(.minutes(2))) struct RabbitMQChannelTests {
  @Test(arguments: Contracts.channelFacts)
  func keeps(_ fact: ChannelFact) async throws {
    let channel = try RabbitMQChannel(try TestBroker.address())
    try await fact.check(
      ChannelSubject(channel) { domain, subscription in
        try TestBroker.putMalformed(
          into: try BrokerNames.queue(of: domain, partition: 0, for: subscription))
      })
  }
}
