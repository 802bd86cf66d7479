import CRabbitMQ
import EventModel
import EventSourcing
import Foundation
import Synchronization
import Testing
import Threads

@testable import RabbitMQChannel

/// Dead letters where the broker, another tool or another operator interferes.
@Suite(.timeLimit(.minutes(5))) struct DeadLetterTests {
  private let queue = "test-\(UUID().uuidString)"

  private func letters() throws -> RabbitMQDeadLetters {
    RabbitMQDeadLetters(of: queue, at: try TestBroker.address())
  }

  /// Puts messages among the dead letters, as another tool would.
  private func put(_ bodies: [Bytes]) throws {
    let connection = try TestBroker.connection()
    let name = BrokerNames.deadLetters(of: queue)
    try connection.declareQueue(1, name)
    for body in bodies {
      try connection.publish(
        OutgoingMessage(id: "", body: body, headers: [("x", "y")]), to: "", key: name, on: 1)
    }
    // The answer comes behind the messages.
    try connection.declareQueue(1, name)
  }

  @Test func lettersOfAnotherToolKeepTheirIdsAndAreRemoved() async throws {
    try put([[1], [2], [2], []])
    let letters = try letters()
    let page = try await letters.list(limit: ReadLimit())
    #expect(page.letters.map(\.body) == [[1], [2], [2], []])
    #expect(page.letters[1].id == page.letters[2].id && page.letters[0].id != page.letters[1].id)
    #expect(page.letters.allSatisfy { $0.reason.isEmpty && $0.setAsideAt == nil })
    #expect(page.letters[0].headers == [DeadLetter.Header(name: "x", value: "y")])
    let settled = try await letters.settle(.ids([page.letters[1].id]), by: .drop)
    #expect(settled.count == 2)
    #expect(try await letters.list(limit: ReadLimit()).letters.map(\.body) == [[1], []])
  }

  @Test func theListIsBoundedInBytes() async throws {
    let large = Bytes(repeating: 7, count: 300_000)
    try put([large, large, [1]])
    let letters = try letters()
    let page = try await letters.list(limit: ReadLimit(count: 10, bytes: 400_000))
    #expect(page.letters.map(\.body.count) == [300_000] && page.hasMore)
    // One that is larger than the bound is shown all the same.
    #expect(try await letters.list(limit: ReadLimit(count: 10, bytes: 1)).letters.count == 1)
  }

  @Test func whatIsRetriedWithoutAQueueStaysALetter() async throws {
    try put([[1], [2]])
    let letters = try letters()
    let error = await #expect(throws: ChannelError.self) {
      try await letters.settle(.all, by: .retry)
    }
    #expect(error?.code == .unroutable)
    #expect(error?.message.contains("queue \(queue) is missing") == true)
    #expect(try await letters.list(limit: ReadLimit()).letters.map(\.body) == [[1], [2]])
    try TestBroker.connection().declareQueue(1, queue)
    #expect(try await letters.settle(.all, by: .retry).count == 2)
    #expect(try await letters.list(limit: ReadLimit()) == DeadLetterPage())
    #expect(try TestBroker.connection().declareQueue(1, queue) == 2)
  }

  @Test func manyLettersAreRetriedInBatches() async throws {
    try put((0..<250).map { [UInt8($0), 1] })
    try TestBroker.connection().declareQueue(1, queue)
    #expect(try await letters().settle(.all, by: .retry).count == 250)
    let connection = try TestBroker.connection()
    #expect(try connection.declareQueue(1, queue) == 250)
    for number in 0..<250 {
      #expect(try connection.get(1, queue: queue)?.body == [UInt8(number), 1])
    }
  }

  @Test func whoeverWorksOnLettersHasThemAlone() async throws {
    try put([[1]])
    let (letters, address) = (try letters(), try TestBroker.address())
    var box: LetterBox? = try LetterBox(of: queue, at: address, Cancellation())
    // It holds the letter, which nobody else can see now.
    #expect(try box?.next(Cancellation()) != nil)
    let page = Task { try await letters.list(limit: ReadLimit()) }
    let cancelled = Task { try await letters.list(limit: ReadLimit()) }
    cancelled.cancel()
    await #expect(throws: ChannelError.self) { try await cancelled.value }
    box = nil
    do {
      #expect(try await page.value.letters.map(\.body) == [[1]])
    } catch let error as ChannelError where error.code == .unavailable {
      // It waits for some seconds, which a slow machine may have spent before.
      #expect(try await letters.list(limit: ReadLimit()).letters.map(\.body) == [[1]])
    }
  }

  @Test func aBrokerThatIsAwayIsTemporary() async throws {
    var address = try TestBroker.address()
    address.port = 1
    let letters = RabbitMQDeadLetters(of: queue, at: address)
    let error = await #expect(throws: ChannelError.self) {
      try await letters.list(limit: ReadLimit())
    }
    #expect(error?.code == .unavailable)
  }
}
