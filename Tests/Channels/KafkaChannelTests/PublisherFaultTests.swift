import CRdKafka
import EventModel
import EventSourcing
import Testing

@testable import KafkaChannel

/// A publisher on brokers that fail.
@Suite(.timeLimit(.minutes(5))) struct PublisherFaultTests {
  @Test func aBrokerThatGoesAwayFailsTheSessionAndIsFoundAgain() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address())
    let first = try await channel.publisher()
    try await first.publish(commits(1...10))
    try await first.confirmation(upTo: 10)

    try cluster.setUp(false)
    try await first.publish(commits(11...20))
    let begin = ContinuousClock.now
    #expect(await first.failure()?.code == .unavailable)
    #expect(ContinuousClock.now - begin < .seconds(5))
    await first.close()
    let error = await #expect(throws: ChannelError.self) { try await channel.publisher() }
    #expect(error?.code == .unavailable)

    try cluster.setUp(true)
    let second = try await channel.publisher()
    try await second.publish(commits(11...20))
    try await second.confirmation(upTo: 20)
    let arrived = try await channel.consumer().positions(until: 20)
    #expect(firstArrivals(arrived) == Array(1...20))
    await channel.close()
  }

  @Test func errorsThatPassAreWaitedOutInOrder() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address())
    let publisher = try await channel.publisher()
    cluster.answer(
      .produce,
      with: [
        RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR__TRANSPORT,
      ])
    for number in 1...6 as ClosedRange<UInt64> {
      try await publisher.publish(commits(number...number))
      try await publisher.confirmation(upTo: number)
    }
    let arrived = try await channel.consumer().positions(until: 6)
    #expect(firstArrivals(arrived) == Array(1...6))
    await channel.close()
  }

  @Test(arguments: [
    (RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, ChannelError.Code.refused, "max.message.bytes"),
    (RD_KAFKA_RESP_ERR_INVALID_RECORD, .refused, "broker's log"),
    (RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, .notPermitted, "rights"),
  ])
  func aRefusalNamesTheCommitAndNothingPassesIt(
    _ code: KafkaCode, _ kind: ChannelError.Code, _ advice: String
  ) async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address())
    cluster.answer(.produce, with: [code])
    let first = try await channel.publisher()
    // Throws if the refusal comes meanwhile.
    try? await first.publish(commits(1...50))
    let error = await first.failure()
    #expect(error?.code == kind)
    #expect(error?.message.contains(advice) == true)
    #expect(error?.position?.number == 1)
    await first.close()

    let second = try await channel.publisher()
    try await second.publish(commits(1...50))
    try await second.confirmation(upTo: 50)
    let arrived = try await channel.consumer().positions(until: 50)
    #expect(firstArrivals(arrived) == Array(1...50))
    await channel.close()
  }

  @Test func whoIsRefusedAgainDisturbsNobody() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address())
    cluster.answer(.produce, with: [RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE])
    let refused = try await channel.publisher(of: "poisoned")
    try await refused.publish(commits(1...1, in: "poisoned"))
    #expect(await refused.failure()?.code == .refused)
    await refused.close()

    let neighbour = try await channel.publisher(of: "orders")
    try await neighbour.publish(commits(1...5))
    try await neighbour.confirmation(upTo: 5)
    for _ in 1...2 {
      cluster.answer(.produce, with: [RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE])
      let again = try await channel.publisher(of: "poisoned")
      try await again.publish(commits(1...1, in: "poisoned"))
      #expect(await again.failure()?.code == .refused)
      await again.close()
    }
    try await neighbour.publish(commits(6...9))
    try await neighbour.confirmation(upTo: 9)
    await channel.close()
  }

  @Test func theLargestCommitIsHandedToTheBroker() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address())
    let publisher = try await channel.publisher()
    try await publisher.publish(commits(1...1, bodySize: 9 << 20))
    try await publisher.confirmation(upTo: 1)
    #expect(try await channel.consumer().positions(until: 1) == [1])
    await channel.close()
  }

  @Test func theBrokersLimitIsNamedWithTheTopicAndTheSize() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let address = try cluster.address()
    let channel = try KafkaChannel(address)
    cluster.answer(.produce, with: [RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE])
    let publisher = try await channel.publisher()
    try await publisher.publish(commits(4...4, bodySize: 2 << 20))
    let error = try #require(await publisher.failure())
    #expect(error.code == .refused && error.position?.number == 4)
    for part in ["topic \(address.topic)", "a message of 2097", "max.message.bytes"] {
      #expect(error.message.contains(part), "\(error.message)")
    }
    await channel.close()
  }

  @Test func aTopicWithoutRightsIsFoundOutBeforeAnythingIsPublished() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let address = try cluster.address()
    let channel = try KafkaChannel(address)
    cluster.setError(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, of: address.topic)
    let error = await #expect(throws: ChannelError.self) { try await channel.publisher() }
    #expect(error?.code == .notPermitted)
    #expect(error?.message.contains(address.topic) == true)
    cluster.setError(RD_KAFKA_RESP_ERR_NO_ERROR, of: address.topic)
    let publisher = try await channel.publisher()
    try await publisher.publish(commits(1...1))
    try await publisher.confirmation(upTo: 1)
    await channel.close()
  }

  @Test func aFullWindowWaitsForConfirmations() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address())
    let publisher = try await channel.publisher(window: 3)
    try await publisher.publish(commits(1...100))
    let confirmed = try await publisher.confirmation(after: 96)
    #expect(confirmed >= 97)
    await channel.close()
  }

  @Test func noBrokerAtAllIsSaidPromptlyAndWithoutThePassword() async throws {
    // Port 1 is reserved, and nobody listens there.
    let address = try KafkaAddress(
      "kafka://127.0.0.1:1?security.protocol=sasl_plaintext&sasl.mechanism=PLAIN"
        + "&sasl.username=u&sasl.password=secret")
    let channel = try KafkaChannel(address) { line in
      #expect(!line.contains("secret"))
    }
    let begin = ContinuousClock.now
    let error = await #expect(throws: ChannelError.self) { try await channel.publisher() }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("secret") == false)
    #expect(ContinuousClock.now - begin < .seconds(10))
    await channel.close()
  }

  @Test func closingWaitsForNoBroker() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address())
    let publisher = try await channel.publisher()
    try cluster.setUp(false)
    try await publisher.publish(commits(1...10))
    let begin = ContinuousClock.now
    await channel.close()
    #expect(await publisher.failure() != nil)
    #expect(ContinuousClock.now - begin < .seconds(5))
    await #expect(throws: ChannelError.self) { try await channel.publisher() }
  }
}
