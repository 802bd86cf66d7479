import CRdKafka
import EventModel
import EventSourcing
import Testing

@testable import KafkaChannel

/// A consumer on brokers that fail, and on topics of several partitions.
@Suite(.timeLimit(.minutes(5))) struct ConsumerFaultTests {
  private func published(
    _ channel: KafkaChannel, _ numbers: ClosedRange<UInt64>, partition: UInt32 = 0
  ) async throws {
    let publisher = try await channel.publisher(partition: partition)
    try await publisher.publish(commits(numbers, partition: partition))
    try await publisher.confirmation(upTo: numbers.upperBound)
    await publisher.close()
  }

  @Test func aBrokerThatGoesAwayFailsTheConsumerAndLosesNothing() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address())
    try await published(channel, 1...10)
    let first = try await channel.consumer()
    _ = try await first.deliveries()
    try cluster.setUp(false)
    let error = await #expect(throws: ChannelError.self) {
      while true { _ = try await first.deliveries() }
    }
    #expect(error?.code == .unavailable)
    let begin = ContinuousClock.now
    await first.close()
    #expect(ContinuousClock.now - begin < .seconds(6))

    try cluster.setUp(true)
    let second = try await channel.consumer()
    #expect(firstArrivals(try await second.positions(until: 10)) == Array(1...10))
    await channel.close()
  }

  @Test func aCommitThatFailsIsTriedAgain() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address())
    try await published(channel, 1...10)
    cluster.answer(
      .offsetCommit,
      with: [
        RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
      ])
    let first = try await channel.consumer()
    _ = try await first.positions(until: 10)
    // Two more make commits of their own.
    for number in 11...12 as ClosedRange<UInt64> {
      try await published(channel, number...number)
      _ = try await first.positions(until: number)
    }
    await first.close()
    try await published(channel, 13...13)
    let second = try await channel.consumer()
    #expect(try await second.positions(until: 13).last == 13)
    await channel.close()
  }

  @Test func aGroupWithoutRightsIsNamed() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address())
    cluster.answer(
      .joinGroup,
      with: [KafkaCode](repeating: RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, count: 3))
    let consumer = try await channel.consumer("projector")
    let error = await #expect(throws: ChannelError.self) { try await consumer.deliveries() }
    #expect(error?.code == .notPermitted)
    #expect(error?.message.contains("group") == true)
    await channel.close()
  }

  @Test func eachAggregateKeepsItsOrderInManyPartitions() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address(partitions: 4))
    try await published(channel, 1...300)
    let consumer = try await channel.consumer()
    var arrived: [UInt64] = []
    while arrived.count < 300 {
      let deliveries = try await consumer.deliveries()
      arrived += try deliveries.map { try $0.commitNumber }
      consumer.acknowledge(deliveries.map(\.tag))
    }
    for aggregate in 0..<3 as Range<UInt64> {
      let own = arrived.filter { $0 % 3 == aggregate }
      #expect(own == own.sorted() && own.count == 100)
    }
    await channel.close()
  }

  @Test func otherPartitionsAndDomainsArePassedOver() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address())
    let other = try await channel.publisher(of: "customers")
    try await other.publish(commits(1...5, in: "customers"))
    try await other.confirmation(upTo: 5)
    try await published(channel, 1...5, partition: 1)
    try await published(channel, 6...7)
    let consumer = try await channel.consumer()
    #expect(try await consumer.positions(until: 7) == [6, 7])
    await channel.close()
  }

  @Test func readingAheadLosesAndRepeatsNothing() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address())
    let consumer = try await channel.consumer(window: 8)
    try await published(channel, 1...1000)
    #expect(try await consumer.positions(until: 1000) == Array(1...1000))
    await channel.close()
  }

  @Test func whatAnotherMemberTakesOverIsNotLost() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address(partitions: 3))
    try await published(channel, 1...30)
    let first = try await channel.consumer()
    #expect(try await !first.deliveries().isEmpty)
    // Nothing is acknowledged, so all comes again to the next owner of each partition.
    let second = try await channel.consumer()
    var arrived = Set(try await second.deliveries().map { try $0.commitNumber })
    await first.close()
    while arrived.count < 30 {
      arrived.formUnion(try await second.deliveries().map { try $0.commitNumber })
    }
    #expect(arrived == Set(1...30))
    await channel.close()
  }

  @Test func aDeadLetterKeepsItsMessageAndSaysWhy() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let address = try cluster.address()
    let channel = try KafkaChannel(address)
    let consumer = try await channel.consumer()
    try await TestBroker.putMalformed(at: address, domain: "orders")
    let odd = try await consumer.deliveries()
    let stamp = LetterStamp("it is odd")
    try await consumer.setAside(try #require(odd.first), as: stamp)
    let dead = try LetterTopic(of: address).first()
    #expect(dead.key == Bytes(stamp.id.utf8))
    #expect(dead.body == [1, 2, 3])
    #expect(dead.headerTexts["x"] == "y")
    #expect(dead.headerTexts["outrider-letter"] == stamp.id)
    #expect(dead.headerTexts["outrider-reason"] == "it is odd")
    #expect(dead.headerTexts["outrider-group"] == "outrider.orders.0.p")
    await channel.close()
  }
}
