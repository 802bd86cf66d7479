import CRabbitMQ
import EventModel
import EventSourcing
import Foundation
import Synchronization
import Testing

@testable import RabbitMQChannel

/// What goes in badly: each has an error that says so, and nothing waits for ever.
@Suite(.timeLimit(.minutes(5))) struct FaultTests {
  private let domain = Name("orders-\(UUID().uuidString)")

  private func commits(
    _ numbers: ClosedRange<Int>, in partition: UInt32 = 0
  ) -> [RecordedCommit] {
    numbers.map { number in
      var pages = PageBlock(emptyAt: SequenceNumber(UInt32(number)))
      // Field 4, an `Any` with a type URL of one letter.
      pages.append(
        EventPage(
          sequence: pages.next, createdAt: Timestamp(seconds: 1),
          body: [4 << 3 | 2, 3, 1 << 3 | 2, 1, UInt8(ascii: "e")]))
      var random = SystemRandomNumberGenerator()
      return RecordedCommit(
        position: Position(partition: partition, number: UInt64(number)),
        commit: Commit(
          cover: Cover(domain: domain, root: .random(using: &random)),
          id: .random(using: &random), pages: pages, createdAt: Timestamp(seconds: 1)))
    }
  }

  private func publisher(
    _ channel: RabbitMQChannel, blocked: @escaping @Sendable (String?) -> Void = { _ in }
  ) async throws(ChannelError) -> any ChannelPublisher {
    try await channel.publisher(of: domain, partition: 0, window: 100, blocked: blocked)
  }

  private func consumer(_ channel: RabbitMQChannel) async throws(ChannelError)
    -> any ChannelConsumer<RecordedCommit>
  {
    try await channel.consumer(of: domain, partition: 0, for: "p", window: 100)
  }

  private func queue(at address: RabbitMQAddress) -> String { "\(address.exchange).\(domain).0.p" }

  @Test func wrongCredentialsAreNamedAndThePasswordIsNot() async throws {
    var address = try TestBroker.address()
    address.user = "mallory"
    address.password = "letmein"
    let channel = try RabbitMQChannel(address)
    let error = await #expect(throws: ChannelError.self) { try await publisher(channel) }
    #expect(error?.code == .notPermitted)
    #expect(error?.message.contains("mallory") == true)
    #expect(error?.message.contains("letmein") == false)
    await channel.close()
  }

  @Test func aBrokerThatIsAwayIsTemporary() async throws {
    var address = try TestBroker.address()
    address.port = 1
    let channel = try RabbitMQChannel(address)
    let error = await #expect(throws: ChannelError.self) { try await consumer(channel) }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains(":1") == true)
    await channel.close()
  }

  @Test func aMessageWithoutAQueueIsUnroutableAndSaysWhich() async throws {
    let channel = try RabbitMQChannel(try TestBroker.address())
    let publisher = try await publisher(channel)
    try await publisher.publish(commits(41...41))
    let error = await #expect(throws: ChannelError.self) {
      try await publisher.confirmation(after: 0)
    }
    #expect(error?.code == .unroutable)
    #expect(error?.position == Position(number: 41))
    // The same connection serves the next session.
    _ = try await consumer(channel)
    let next = try await self.publisher(channel)
    try await next.publish(commits(41...41))
    #expect(try await next.confirmation(after: 0) == 41)
    await channel.close()
  }

  @Test func anExchangeThatIsDeclaredOtherwiseIsSaidSo() async throws {
    let address = try TestBroker.address()
    let connection = try TestBroker.connection()
    try connection.declareExchange(1, address.exchange, type: "direct")
    let channel = try RabbitMQChannel(address)
    let error = await #expect(throws: ChannelError.self) { try await publisher(channel) }
    #expect(error?.code == .notPermitted)
    #expect(error?.message.contains(address.exchange) == true)
    await channel.close()
  }

  @Test func aQueueThatIsDeletedEndsItsConsumerAndTheNextMakesItAgain() async throws {
    let address = try TestBroker.address()
    let queue = queue(at: address)
    let channel = try RabbitMQChannel(address)
    let first = try await consumer(channel)
    let waiting = Task { try await first.deliveries() }
    let connection = try TestBroker.connection()
    _ = queue.withAMQP { amqp_queue_delete(connection.state, 1, $0, 0, 0) }
    let error = await #expect(throws: ChannelError.self) { try await waiting.value }
    #expect(error?.message.contains("deleted") == true)
    await first.close()
    let second = try await consumer(channel)
    let publisher = try await publisher(channel)
    try await publisher.publish(commits(1...1))
    #expect(try await second.deliveries().count == 1)
    await channel.close()
  }

  @Test func aFullQueueRefusesAndNothingBehindIsConfirmed() async throws {
    let address = try TestBroker.address()
    let connection = try TestBroker.connection()
    try connection.declareExchange(1, address.exchange, type: "topic")
    let queue = queue(at: address)
    try connection.declareFullQueue(queue, holding: 2)
    try connection.bind(1, queue: queue, to: address.exchange, key: "\(domain).0")
    let channel = try RabbitMQChannel(address)
    let publisher = try await publisher(channel)
    try await publisher.publish(commits(1...9))
    var confirmed: UInt64 = 0
    let error = await #expect(throws: ChannelError.self) {
      while true { confirmed = try await publisher.confirmation(after: confirmed) }
    }
    #expect(error?.code == .refused)
    #expect(error?.position == Position(number: 3))
    #expect(confirmed <= 2)
    await channel.close()
  }

  @Test func commitsOfAnotherDomainAreSetAsideToo() async throws {
    let address = try TestBroker.address()
    let channel = try RabbitMQChannel(address)
    let consumer = try await consumer(channel)
    let publisher = try await publisher(channel)
    try await publisher.publish(commits(1...1))
    let delivery = try await consumer.deliveries()[0]
    try await consumer.setAside(delivery, as: LetterStamp("it is another's"))
    let connection = try TestBroker.connection()
    let letters = BrokerNames.deadLetters(of: queue(at: address))
    #expect(letters.withAMQP { amqp_basic_get(connection.state, 1, $0, 1) }.isMessage)
    await channel.close()
  }

  @Test func anEventedExchangeBringsEachConsumerItsOwn() async throws {
    let channel = try RabbitMQChannel(try TestBroker.address("&style=evented"))
    let consumers = [
      try await consumer(channel),
      try await channel.consumer(of: "other", partition: 0, for: "p", window: 1),
    ]
    let publisher = try await publisher(channel)
    try await publisher.publish(commits(1...3))
    var count = 0
    while count < 3 { count += try await consumers[0].deliveries().count }
    #expect(try await publisher.confirmation(after: 2) == 3)
    await channel.close()
  }

  @Test func manySessionsShareAConnection() async throws {
    let channel = try RabbitMQChannel(try TestBroker.address())
    try await withThrowingTaskGroup { group in
      for number in 0..<50 as Range<UInt32> {
        group.addTask {
          let consumer = try await channel.consumer(
            of: domain, partition: number, for: "p", window: 10)
          let publisher = try await channel.publisher(
            of: domain, partition: number, window: 10, blocked: { _ in })
          let sent = commits(1...20, in: number)
          try await publisher.publish(sent)
          var taken: [RecordedCommit] = []
          while taken.count < 20 {
            let deliveries = try await consumer.deliveries()
            for case .message(let commit) in deliveries.map(\.content) { taken.append(commit) }
            consumer.acknowledge(deliveries.map(\.tag))
          }
          #expect(taken == sent)
          await publisher.close()
          await consumer.close()
        }
      }
      try await group.waitForAll()
    }
    await channel.close()
  }
}

extension AMQPConnection {
  /// A queue that takes so many messages and refuses the next.
  fileprivate func declareFullQueue(_ name: String, holding count: Int64) throws {
    name.withAMQP { queue in
      "x-max-length".withAMQP { length in
        "x-overflow".withAMQP { overflow in
          "reject-publish".withAMQP { behaviour in
            var entries = [amqp_table_entry_t(), amqp_table_entry_t()]
            entries[0].key = length
            entries[0].value.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
            entries[0].value.value.i64 = count
            entries[1].key = overflow
            entries[1].value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            entries[1].value.value.bytes = behaviour
            entries.withUnsafeMutableBufferPointer { entries in
              _ = amqp_queue_declare(
                state, 1, queue, 0, 1, 0, 0,
                amqp_table_t(num_entries: 2, entries: entries.baseAddress))
            }
          }
        }
      }
    }
    let reply = amqp_get_rpc_reply(state)
    if let error = ChannelError(reply, "queue \(name)", at: address) { throw error }
  }
}

extension amqp_rpc_reply_t {
  /// Whether a `basic.get` found one.
  fileprivate var isMessage: Bool {
    reply_type == AMQP_RESPONSE_NORMAL && reply.id == outrider_basic_get_ok
  }
}
