import CRdKafka
import EventModel
import EventSourcing
import Testing

@testable import KafkaChannel

/// Dead letters of several groups in one topic, of other tools, and of brokers that fail.
@Suite(.timeLimit(.minutes(5))) struct DeadLetterTests {
  private func setAside(
    _ count: Int, by subscription: Name, _ channel: KafkaChannel
  ) async throws {
    let consumer = try await channel.consumer(subscription)
    var done = 0
    while done < count {
      for delivery in try await consumer.deliveries() {
        done += 1
        try await consumer.setAside(delivery, as: LetterStamp("odd"))
      }
    }
    await consumer.close()
  }

  private func letters(_ subscription: Name, _ channel: KafkaChannel) throws -> any DeadLetters {
    try channel.deadLetters(of: "orders", partition: 0, for: subscription)
  }

  @Test func aRetryIsForTheGroupThatSetTheMessageAside() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let address = try cluster.address()
    let channel = try KafkaChannel(address)
    try await TestBroker.putMalformed(at: address, domain: "orders")
    for subscription in ["p", "q"] as [Name] {
      try await setAside(1, by: subscription, channel)
    }
    #expect(try await letters("p", channel).settle(.all, by: .retry).count == 1)
    #expect(try await letters("p", channel).list(limit: ReadLimit()).letters.isEmpty)
    #expect(try await letters("q", channel).list(limit: ReadLimit()).letters.count == 1)
    try await setAside(1, by: "p", channel)
    // For the other group the message was not there.
    let publisher = try await channel.publisher()
    try await publisher.publish(commits(1...1))
    try await publisher.confirmation(upTo: 1)
    #expect(try await channel.consumer("q").positions(until: 1) == [1])
    await channel.close()
  }

  @Test func aRetriedMessageHasItsKeyAgain() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address())
    let publisher = try await channel.publisher()
    try await publisher.publish(commits(1...3))
    try await setAside(3, by: "p", channel)
    #expect(try await letters("p", channel).settle(.all, by: .retry).count == 3)
    #expect(try await channel.consumer().positions(until: 3).count == 3)
    await channel.close()
  }

  @Test func lettersOfAnotherToolAreToldApartAndRemoved() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let address = try cluster.address(partitions: 2)
    let channel = try KafkaChannel(address)
    let producer = try Producer(address) { _ in }
    let same = (0..<3).map { _ in OutgoingMessage(key: [9, 0xFF], body: [1]) }
    let others = [OutgoingMessage(key: nil, body: [2]), OutgoingMessage(key: [1], body: [])]
    try await producer.publish(same + others, to: TopicName.deadLetters(of: address.topic))
    await producer.close()
    let letters = try letters("p", channel)
    let all = try await letters.list(limit: ReadLimit()).letters
    #expect(Set(all.map(\.id)).count == 5)
    #expect(all.allSatisfy { $0.reason.isEmpty && $0.setAsideAt == nil })
    let twin = try #require(all.first { $0.body == [1] })
    #expect(try await letters.settle(.ids([twin.id]), by: .drop).count == 1)
    #expect(try await letters.list(limit: ReadLimit()).letters == all.filter { $0.id != twin.id })
    #expect(try await letters.settle(.all, by: .drop).count == 4)
    #expect(try await letters.list(limit: ReadLimit()) == DeadLetterPage())
    await channel.close()
  }

  @Test func anEmptyMessageIsALetterToo() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let address = try cluster.address()
    let channel = try KafkaChannel(address)
    let producer = try Producer(address) { _ in }
    let messages = [OutgoingMessage(key: nil, body: nil), OutgoingMessage(key: nil, body: [])]
    try await producer.publish(messages, to: address.topic)
    await producer.close()
    try await setAside(2, by: "p", channel)
    let all = try await letters("p", channel).list(limit: ReadLimit()).letters
    #expect(all.map(\.body) == [[], []])
    await channel.close()
  }

  @Test func whatTheBrokerRefusesStaysALetter() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let address = try cluster.address()
    let channel = try KafkaChannel(address)
    try await TestBroker.putMalformed(at: address, domain: "orders")
    try await setAside(1, by: "p", channel)
    cluster.answer(.produce, with: [RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED])
    let letters = try letters("p", channel)
    let error = await #expect(throws: ChannelError.self) {
      try await letters.settle(.all, by: .retry)
    }
    #expect(error?.code == .notPermitted)
    #expect(try await letters.list(limit: ReadLimit()).letters.count == 1)
    await channel.close()
  }

  @Test func aBrokerThatIsAwayIsTemporary() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    let channel = try KafkaChannel(try cluster.address())
    try cluster.setUp(false)
    let letters = try letters("p", channel)
    let error = await #expect(throws: ChannelError.self) {
      try await letters.list(limit: ReadLimit())
    }
    #expect(error?.code == .unavailable)
    await channel.close()
  }
}

@Suite struct LetterIndexTests {
  private func entry(
    _ id: String, _ offset: Int64, partition: Int32 = 0, at timestamp: Int64 = 0, bytes: Int = 10
  ) -> LetterIndex.Entry {
    LetterIndex.Entry(
      id: id, partition: partition, offset: offset, timestamp: timestamp, byteCount: bytes)
  }

  @Test func whatIsRemovedIsGoneUntilItComesAgain() {
    var index = LetterIndex()
    index.add(entry("a", 0))
    index.add(entry("b", 1))
    index.remove("a")
    index.remove("never there")
    #expect(index.letters.map(\.id) == ["b"])
    index.add(entry("a", 4))
    #expect(index.letters.map(\.offset) == [1, 4])
  }

  @Test func theOldestComesFirstWhereverItIs() {
    var index = LetterIndex()
    index.add(entry("c", 7, at: 3))
    index.add(entry("b", 1, partition: 1, at: 2))
    index.add(entry("a", 9, partition: 2, at: 1))
    #expect(index.letters.map(\.id) == ["a", "b", "c"])
  }

  @Test(arguments: [(0, 100, 0), (1, 1, 1), (2, 100, 2), (9, 100, 3), (9, 20, 2), (9, 19, 1)])
  func bothBoundsHold(count: Int, bytes: Int, expected: Int) {
    let entries = [entry("a", 0), entry("b", 1), entry("c", 2)]
    #expect(entries.first(count, bytes: bytes).count == expected)
  }
}
