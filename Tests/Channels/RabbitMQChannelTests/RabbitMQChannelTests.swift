import Contracts
import EventModel
import EventSourcing
import Testing

@testable import RabbitMQChannel

@Suite(.timeLimit(.minutes(5))) struct RabbitMQChannelTests {
  @Test(arguments: Contracts.channelFacts)
  func keeps(_ fact: ChannelFact) async throws {
    let address = try TestBroker.address()
    let channel = try RabbitMQChannel(address)
    try await fact.check(
      ChannelSubject(channel) { domain, subscription in
        try TestBroker.putMalformed(
          into: try BrokerNames.queue(
            on: address.exchange, of: domain, partition: 0, for: subscription))
      })
  }
}
