import CRdKafka
import Contracts
import EventModel
import EventSourcing
import Testing

@testable import KafkaChannel

@Suite(.timeLimit(.minutes(5))) struct KafkaCommandChannelTests {
  private let message = ChannelMessage(key: [1], headers: [], body: [2])

  @Test(arguments: Contracts.commandChannelFacts)
  func keeps(_ fact: CommandChannelFact) async throws {
    try await fact.check(KafkaCommandChannel(TestBroker.address()))
  }

  @Test(arguments: Contracts.commandChannelFacts)
  func keepsOnTheMockCluster(_ fact: CommandChannelFact) async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    try await fact.check(KafkaCommandChannel(try cluster.address()))
  }

  @Test func aDomainMayHaveATopicOfItsOwn() async throws {
    let address = try TestBroker.address()
    let channel = try KafkaCommandChannel(address.on(topic: address.topic + ".{domain}"))
    for domain in ["bank", "shop"] as [Name] {
      try await channel.publish(
        ChannelMessage(key: [1], headers: [], body: Bytes(domain.utf8)), to: domain)
    }
    for domain in ["bank", "shop"] as [Name] {
      let arrived = try await channel.consumer(of: domain, window: 10).deliveries()
      guard case .message(let message)? = arrived.first?.content else {
        Issue.record("no message came")
        return
      }
      #expect(arrived.count == 1 && message.body == Bytes(domain.utf8))
    }
    await channel.close()
  }

  @Test func aRefusedCommandFailsAlone() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaCommandChannel(try cluster.address())
    try await channel.publish(message, to: "bank")
    cluster.answer(.produce, with: [RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE])
    let error = await #expect(throws: ChannelError.self) {
      try await channel.publish(message, to: "bank")
    }
    #expect(error?.code == .refused)
    try await channel.publish(message, to: "bank")
    await channel.close()
  }

  @Test func aBrokerThatIsAwayIsSaidAndFoundAgain() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaCommandChannel(try cluster.address())
    try await channel.publish(message, to: "bank")
    try cluster.setUp(false)
    let error = await #expect(throws: ChannelError.self) {
      try await channel.publish(message, to: "bank")
    }
    #expect(error?.code == .unavailable)
    try cluster.setUp(true)
    try await channel.publish(message, to: "bank")
    await channel.close()
  }
}
