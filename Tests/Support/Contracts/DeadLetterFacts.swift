import EventModel
import EventSourcing
import Testing

extension Contracts {
  /// What every message channel promises of what its consumers set aside.
  static let deadLetterFacts: [ChannelFact] = [
    ChannelFact("a letter is listed with its stamp, and found by its id") { subject async throws in
      let letters = try subject.letters()
      #expect(try await letters.list(limit: ReadLimit()) == DeadLetterPage())
      let stamp = LetterStamp(
        id: "00f0", reason: "it is odd ✓", setAsideAt: Timestamp(seconds: 7, nanoseconds: 5))
      try await subject.setAside([stamp], from: try await subject.consumer())
      let page = try await letters.list(limit: ReadLimit())
      #expect(page.letters.map(\.stamp) == [stamp] && !page.hasMore)
      #expect(try await letters.letter("00f0") == page.letters[0])
      #expect(try await letters.letter("other") == nil)
      // Looking takes nothing away.
      #expect(try await letters.list(limit: ReadLimit()) == page)
      #expect(try await subject.letters("q").list(limit: ReadLimit()).letters.isEmpty)
      #expect(try await subject.letters(partition: 1).list(limit: ReadLimit()).letters.isEmpty)
    },

    ChannelFact("a letter that is retried comes to the consumer again, once") {
      subject async throws in
      let consumer = try await subject.consumer()
      let letters = try subject.letters()
      try await subject.setAside(.numbered(1...2), from: consumer)
      #expect(
        try await letters.settle(.ids(["1"]), by: .retry) == SettledLetters(count: 1, ids: ["1"]))
      #expect(try await letters.list(limit: ReadLimit()).letters.map(\.id) == ["2"])
      let again = try await consumer.take(1)
      guard case .malformed = again[0].content else {
        Issue.record("it was taken for a commit")
        return
      }
      // It may be set aside again, as another letter, and keeps what is its own.
      let first = try #require(try await letters.letter("2"))
      try await consumer.setAside(again[0], as: .numbered(3))
      let second = try #require(try await letters.letter("3"))
      #expect(second.body == first.body && second.headers == first.headers)
      #expect(try await letters.letter("1") == nil)
    },

    ChannelFact("letters that are dropped are gone, and no others") { subject async throws in
      let consumer = try await subject.consumer()
      let letters = try subject.letters()
      try await subject.setAside(.numbered(1...5), from: consumer)
      let settled = try await letters.settle(.ids(["2", "4", "none"]), by: .drop)
      #expect(settled == SettledLetters(count: 2, ids: ["2", "4"]))
      #expect(try await letters.list(limit: ReadLimit()).letters.map(\.id) == ["1", "3", "5"])
      #expect(try await letters.settle(.ids(["2"]), by: .drop) == SettledLetters())
      #expect(try await letters.settle(.all, by: .drop).count == 3)
      #expect(try await letters.list(limit: ReadLimit()) == DeadLetterPage())
    },

    ChannelFact("letters are counted") { subject async throws in
      let consumer = try await subject.consumer()
      let letters = try subject.letters()
      #expect(try await letters.count() == 0)
      try await subject.setAside(.numbered(1...3), from: consumer)
      #expect(try await letters.count() == 3)
      // Counting takes nothing away, and what others did shows.
      #expect(try await letters.count() == 3)
      _ = try await subject.letters().settle(.ids(["2"]), by: .drop)
      #expect(try await letters.count() == 2)
      #expect(try await subject.letters("q").count() == 0)
    },

    ChannelFact("the oldest letters are listed, and that there are more") { subject async throws in
      let letters = try subject.letters()
      try await subject.setAside(.numbered(1...5), from: try await subject.consumer())
      let page = try await letters.list(limit: ReadLimit(count: 3))
      #expect(page.letters.map(\.id) == ["1", "2", "3"] && page.hasMore)
      #expect(try await !letters.list(limit: ReadLimit(count: 5)).hasMore)
    },

    ChannelFact("a commit that is set aside is whole when it is retried") { subject async throws in
      let consumer = try await subject.consumer()
      let publisher = try await subject.publisher()
      try await publisher.publish(subject.commits(1...3))
      let deliveries = try await consumer.take(3)
      for delivery in deliveries {
        try await consumer.setAside(delivery, as: .numbered(Int(delivery.tag)))
      }
      #expect(try await subject.letters().settle(.all, by: .retry).count == 3)
      let again = try await consumer.commits(3)
      #expect(
        again.sorted { $0.position.number < $1.position.number }
          == subject.commits(1...3, like: deliveries))
    },

    ChannelFact("a retry of all ends, also where everything is set aside again") {
      subject async throws in
      let consumer = try await subject.consumer()
      try await subject.setAside(.numbered(1...3), from: consumer)
      let again = Task {
        var number = 3
        while true {
          for delivery in try await consumer.deliveries() {
            number += 1
            try await consumer.setAside(delivery, as: .numbered(number))
          }
        }
      }
      #expect(try await subject.letters().settle(.all, by: .retry).count == 3)
      var count = 0
      while count < 3 { count = try await subject.letters().list(limit: ReadLimit()).letters.count }
      #expect(count == 3)
      again.cancel()
      await consumer.close()
      _ = await again.result
    },

    ChannelFact("operators at once lose nothing") { subject async throws in
      let consumer = try await subject.consumer()
      let ids = 1...40
      try await subject.setAside(.numbered(ids), from: consumer)
      let (dropped, kept) = (ids.filter { $0 % 4 == 1 }, ids.filter { $0 % 4 != 1 })
      try await withThrowingTaskGroup { group in
        for part in [dropped.prefix(5), dropped.suffix(5)] {
          group.addTask {
            let settled = try await subject.letters().settle(
              .ids(Set(part.map { "\($0)" })), by: .drop)
            #expect(settled.count == part.count)
          }
        }
        for _ in 1...2 {
          group.addTask { _ = try await subject.letters().list(limit: ReadLimit()) }
        }
        try await group.waitForAll()
      }
      let rest = try await subject.letters().list(limit: ReadLimit()).letters.map(\.id)
      #expect(Set(rest) == Set(kept.map { "\($0)" }) && rest.count == kept.count)
    },
  ]
}

extension ChannelSubject {
  fileprivate func letters(
    _ subscription: Name = "p", partition: UInt32 = 0
  ) throws -> any DeadLetters {
    try channel.deadLetters(of: domain, partition: partition, for: subscription)
  }

  /// Sets aside something that is no commit, under each of the stamps.
  fileprivate func setAside(
    _ stamps: [LetterStamp], from consumer: any ChannelConsumer<RecordedCommit>
  ) async throws {
    for stamp in stamps {
      try await putMalformed(domain, "p")
      try await consumer.setAside(try await consumer.take(1)[0], as: stamp)
    }
  }
}

extension LetterStamp {
  fileprivate static func numbered(_ number: Int) -> LetterStamp {
    LetterStamp(id: "\(number)", reason: "odd", setAsideAt: Timestamp(seconds: Int64(number)))
  }
}

extension [LetterStamp] {
  fileprivate static func numbered(_ numbers: ClosedRange<Int>) -> [LetterStamp] {
    numbers.map { LetterStamp.numbered($0) }
  }
}

extension DeadLetter {
  fileprivate var stamp: LetterStamp? {
    setAsideAt.map { LetterStamp(id: id, reason: reason, setAsideAt: $0) }
  }
}
