import EventModel
import EventSourcing
import Testing

/// A message channel under test, with a domain of its own.
public struct ChannelSubject: Sendable {
  public let channel: any MessageChannel
  /// Puts a message that is no commit where a subscription's queue takes it.
  public let putMalformed: @Sendable (_ domain: Name, _ subscription: Name) async throws -> Void

  let domain = Name("orders-\(Root.random())")

  public init(
    _ channel: any MessageChannel,
    putMalformed: @escaping @Sendable (Name, Name) async throws -> Void
  ) {
    self.channel = channel
    self.putMalformed = putMalformed
  }

  /// A consumer whose queue is there when this comes back.
  func consumer(
    _ subscription: Name = "p", partition: UInt32 = 0, window: Int = 100
  ) async throws -> any ChannelConsumer<RecordedCommit> {
    try await channel.consumer(
      of: domain, partition: partition, for: subscription, window: window)
  }

  func publisher(partition: UInt32 = 0, window: Int = 100) async throws -> any ChannelPublisher {
    try await channel.publisher(
      of: domain, partition: partition, window: window, blocked: { _ in })
  }

  /// Commits at the positions, of three aggregates in turn.
  func commits(_ numbers: ClosedRange<Int>, partition: UInt32 = 0) -> [RecordedCommit] {
    numbers.map { number in
      RecordedCommit(
        position: Position(partition: partition, number: UInt64(number)),
        commit: .sample(
          .sample(number % 3), at: SequenceNumber(UInt32(number / 3)), in: domain))
    }
  }
}

/// One promise of a message channel, with the proof of it.
public struct ChannelFact: Sendable, CustomTestStringConvertible {
  public let testDescription: String
  private let proof: @Sendable (ChannelSubject) async throws -> Void

  init(_ statement: String, _ proof: @escaping @Sendable (ChannelSubject) async throws -> Void) {
    testDescription = statement
    self.proof = proof
  }

  public func check(_ subject: ChannelSubject) async throws {
    do {
      try await proof(subject)
    } catch {
      await subject.channel.close()
      throw error
    }
    await subject.channel.close()
  }
}

extension Contracts {
  /// What every message channel promises.
  public static let channelFacts: [ChannelFact] = deliveryFacts + deadLetterFacts

  private static let deliveryFacts: [ChannelFact] = [
    ChannelFact("what is published arrives whole and in order") { subject async throws in
      let consumer = try await subject.consumer()
      let publisher = try await subject.publisher()
      let commits = subject.commits(1...90)
      try await publisher.publish(Array(commits[..<1]))
      try await publisher.publish(Array(commits[1...]))
      let arrived = try await consumer.commits(90)
      #expect(arrived.map(\.withoutStamp) == commits.map(\.withoutStamp))
      #expect(try await publisher.confirmation(upTo: 90) == 90)
    },

    ChannelFact("a commit keeps all that it tells the world") { subject async throws in
      let consumer = try await subject.consumer()
      let publisher = try await subject.publisher()
      var bare = subject.commits(1...1)
      var full = subject.commits(2...2)
      full[0].commit.commandID = "command ✓"
      full[0].commit.origin.correlation = "a correlation"
      bare += full
      let large = RecordedCommit(
        position: Position(number: 7),
        commit: .sample(.sample(9), at: 5, pages: 2000, in: subject.domain))
      bare.append(large)
      try await publisher.publish(bare)
      #expect(try await consumer.commits(3).map(\.withoutStamp) == bare.map(\.withoutStamp))
    },

    ChannelFact("confirmations never run ahead, and come to the end") { subject async throws in
      let consumer = try await subject.consumer()
      let publisher = try await subject.publisher()
      try await publisher.publish(subject.commits(5...9))
      #expect(try await publisher.confirmation(upTo: 9) == 9)
      try await publisher.publish(subject.commits(12...12))
      #expect(try await publisher.confirmation(after: 9) == 12)
      #expect(try await consumer.commits(6).map(\.position.number) == [5, 6, 7, 8, 9, 12])
    },

    ChannelFact("what was not acknowledged comes again, and nothing else does") {
      subject async throws in
      let first = try await subject.consumer()
      let publisher = try await subject.publisher()
      try await publisher.publish(subject.commits(1...5))
      let deliveries = try await first.take(5)
      first.acknowledge([deliveries[0].tag, deliveries[1].tag])
      await first.close()
      let second = try await subject.consumer()
      let again = try await second.commits(3)
      #expect(again == subject.commits(3...5, like: deliveries))
    },

    ChannelFact("no more than the window is delivered without acknowledgement") {
      subject async throws in
      let consumer = try await subject.consumer(window: 3)
      let publisher = try await subject.publisher()
      try await publisher.publish(subject.commits(1...10))
      #expect(try await publisher.confirmation(upTo: 10) == 10)
      var taken = try await consumer.take(3)
      #expect(taken.count == 3)
      for count in 4...10 {
        consumer.acknowledge([taken[count - 4].tag])
        taken += try await consumer.take(1)
        #expect(taken.count == count)
      }
    },

    ChannelFact("each subscription gets everything") { subject async throws in
      let consumers = [try await subject.consumer("p"), try await subject.consumer("q")]
      let publisher = try await subject.publisher()
      try await publisher.publish(subject.commits(1...6))
      for consumer in consumers {
        #expect(try await consumer.commits(6).map(\.position.number) == Array(1...6))
      }
    },

    ChannelFact("partitions do not mix") { subject async throws in
      let consumers = [
        try await subject.consumer(partition: 0), try await subject.consumer(partition: 1),
      ]
      for partition in [0, 1] as [UInt32] {
        let publisher = try await subject.publisher(partition: partition)
        try await publisher.publish(subject.commits(1...4, partition: partition))
      }
      for (partition, consumer) in consumers.enumerated() {
        let positions = try await consumer.commits(4).map(\.position)
        #expect(positions.allSatisfy { $0.partition == UInt32(partition) })
      }
    },

    ChannelFact("a message that is no commit says so, is set aside, and stops nothing") {
      subject async throws in
      let consumer = try await subject.consumer(window: 1)
      try await subject.putMalformed(subject.domain, "p")
      let publisher = try await subject.publisher()
      try await publisher.publish(subject.commits(1...1))
      let odd = try await consumer.take(1)
      guard case .malformed(let reason) = odd[0].content else {
        Issue.record("it was taken for a commit")
        return
      }
      #expect(!reason.isEmpty)
      try await consumer.setAside(odd[0], as: LetterStamp(reason))
      #expect(try await consumer.commits(1).map(\.position.number) == [1])
    },

    ChannelFact("closing lets go of everyone who waits") { subject async throws in
      let consumer = try await subject.consumer()
      let publisher = try await subject.publisher()
      async let deliveries = consumer.deliveries()
      async let confirmation = publisher.confirmation(after: 0)
      await subject.channel.close()
      await consumer.close()
      await publisher.close()
      let outcome = (try? await deliveries, try? await confirmation)
      #expect(outcome.0 == nil && outcome.1 == nil)
    },
  ]
}

extension ChannelConsumer {
  /// The next deliveries.
  func take(_ count: Int) async throws -> [ChannelDelivery<Message>] {
    var taken: [ChannelDelivery<Message>] = []
    while taken.count < count { taken += try await deliveries() }
    return taken
  }
}

extension ChannelConsumer<RecordedCommit> {
  /// The next commits, acknowledged.
  func commits(_ count: Int) async throws -> [RecordedCommit] {
    let deliveries = try await take(count)
    acknowledge(deliveries.map(\.tag))
    return try deliveries.map { delivery in
      switch delivery.content {
      case .message(let commit): return commit
      case .malformed(let reason): throw ChannelError(.refused, reason)
      }
    }
  }
}

extension ChannelPublisher {
  /// Waits until everything up to there is confirmed.
  fileprivate func confirmation(upTo number: UInt64) async throws -> UInt64 {
    var confirmed: UInt64 = 0
    while confirmed < number { confirmed = try await confirmation(after: confirmed) }
    return confirmed
  }
}

extension ChannelSubject {
  /// The commits of these numbers as they were delivered.
  func commits(
    _ numbers: ClosedRange<Int>, like deliveries: [CommitDelivery]
  ) -> [RecordedCommit] {
    deliveries.compactMap { delivery in
      guard case .message(let commit) = delivery.content,
        numbers.contains(Int(commit.position.number))
      else { return nil }
      return commit
    }
  }
}

extension RecordedCommit {
  /// When a commit was appended is not told; when its events happened is.
  fileprivate var withoutStamp: RecordedCommit {
    var copy = self
    copy.commit.createdAt = Timestamp(seconds: 0, nanoseconds: 0)
    return copy
  }
}
