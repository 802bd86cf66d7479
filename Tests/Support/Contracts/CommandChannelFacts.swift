import EventModel
import EventSourcing
import Testing

/// One promise of a channel of commands, with the proof of it.
public struct CommandChannelFact: Sendable, CustomTestStringConvertible {
  public let testDescription: String
  private let proof: @Sendable (any CommandChannel) async throws -> Void

  init(
    _ statement: String, _ proof: @escaping @Sendable (any CommandChannel) async throws -> Void
  ) {
    testDescription = statement
    self.proof = proof
  }

  /// - Parameter channel: has one topic for all domains, and nothing in it.
  public func check(_ channel: any CommandChannel) async throws {
    do {
      try await proof(channel)
    } catch {
      await channel.close()
      throw error
    }
    await channel.close()
  }
}

extension Contracts {
  /// What every channel of commands promises.
  public static let commandChannelFacts: [CommandChannelFact] = [
    CommandChannelFact("a message arrives whole, and is known by its place when it comes again") {
      channel async throws in
      let message = ChannelMessage(
        key: [0, 1, 255],
        headers: [
          .init(name: "a", value: "ä ✓"), .init(name: "b", value: ""), .init(name: "a", value: "2"),
        ], body: [0, 200, 10])
      try await channel.publish(message, to: "bank")
      try await channel.publish(ChannelMessage(key: [], headers: [], body: []), to: "bank")
      let first = try await channel.consumer(of: "bank", window: 10)
      let arrived = try await first.take(2)
      await first.close()
      let again = try await channel.consumer(of: "bank", window: 10).messages(2)
      #expect(try again.byPlace == arrived.map { try $0.message }.byPlace)
      #expect(Set(again.map(\.place)).count == 2 && again.allSatisfy { !$0.place.isEmpty })
      let full = try #require(again.first { !$0.body.isEmpty })
      #expect(full.key == message.key && full.body == message.body)
      #expect(full.headers == message.headers && full.header("a") == "2")
    },

    CommandChannelFact("messages of one key keep their order") { channel async throws in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for key in 1...4 as ClosedRange<UInt8> {
          group.addTask {
            for number in 0..<20 as Range<UInt8> {
              try await channel.publish(.sample(key, number), to: "bank")
            }
          }
        }
        try await group.waitForAll()
      }
      let arrived = try await channel.consumer(of: "bank", window: 100).messages(80)
      for (_, messages) in Dictionary(grouping: arrived, by: \.key) {
        #expect(messages.map(\.body) == (0..<20).map { [$0] })
      }
    },

    CommandChannelFact("each domain's consumers get everything, also what came before them") {
      channel async throws in
      for number in 0..<3 as Range<UInt8> {
        try await channel.publish(.sample(1, number), to: "bank")
      }
      for domain in ["bank", "shop"] as [Name] {
        let messages = try await channel.consumer(of: domain, window: 10).messages(3)
        #expect(messages.map(\.body) == [[0], [1], [2]])
      }
    },

    CommandChannelFact("a letter is whole, and is retried for its own domain") {
      channel async throws in
      let bank = try await channel.consumer(of: "bank", window: 10)
      let shop = try await channel.consumer(of: "shop", window: 10)
      try await channel.publish(.sample(1, 7), to: "bank")
      let delivery = try await bank.take(1)[0]
      #expect(try await shop.messages(1).map(\.body) == [[7]])
      try await bank.setAside(
        delivery, as: LetterStamp(id: "1", reason: "odd", setAsideAt: Timestamp(seconds: 1)))
      let letters = try channel.deadLetters(of: "bank")
      let letter = try #require(try await letters.list(limit: ReadLimit()).letters.first)
      #expect(letter.body == [7] && letter.headers == ChannelMessage.sample(1, 7).headers)
      #expect(try await channel.deadLetters(of: "shop").list(limit: ReadLimit()).letters.isEmpty)
      #expect(try await letters.settle(.all, by: .retry).count == 1)
      #expect(try await bank.messages(1).map(\.body) == [[7]])
      try await channel.publish(.sample(1, 8), to: "bank")
      #expect(try await shop.messages(1).map(\.body) == [[8]])
    },

    CommandChannelFact("closing lets go of everyone who waits") { channel async throws in
      let consumer = try await channel.consumer(of: "bank", window: 10)
      async let deliveries = consumer.deliveries()
      await channel.close()
      await consumer.close()
      #expect((try? await deliveries) == nil)
    },
  ]
}

extension ChannelConsumer<ChannelMessage> {
  /// The next messages, acknowledged.
  fileprivate func messages(_ count: Int) async throws -> [ChannelMessage] {
    let deliveries = try await take(count)
    acknowledge(deliveries.map(\.tag))
    return try deliveries.map { try $0.message }
  }
}

extension ChannelDelivery {
  fileprivate var message: Message {
    get throws {
      switch content {
      case .message(let message): return message
      case .malformed(let reason): throw ChannelError(.refused, reason)
      }
    }
  }
}

extension ChannelMessage {
  fileprivate static func sample(_ key: UInt8, _ number: UInt8) -> ChannelMessage {
    ChannelMessage(key: [key], headers: [Header(name: "x", value: "y")], body: [number])
  }
}

extension [ChannelMessage] {
  /// Messages of different keys come in any order.
  fileprivate var byPlace: [ChannelMessage] { sorted { $0.place < $1.place } }
}
