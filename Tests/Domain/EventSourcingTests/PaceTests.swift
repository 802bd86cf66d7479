import EventModel
import EventSourcing
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct PaceTests {
  private let clock = VirtualClock()

  /// Projects that many events of each of four aggregates at a rate: the books that the logic got,
  /// by the time at which they came.
  private func books(
    of events: Int, eventsPerSecond: Int
  ) async throws -> [(time: Duration, events: Int)] {
    let store = try await memoryStore()
    for sequence in 0..<events {
      for number in 1...4 as ClosedRange<UInt8> {
        _ = try await store.append(commit(number, at: SequenceNumber(UInt32(sequence)), "e"))
      }
    }
    let books = Mutex<[(time: Duration, events: Int)]>([])
    let logic = ConcatenatingProjector { [clock] book, _ in
      books.withLock { $0.append((clock.elapsed, book.pages.count)) }
      return nil
    }
    let projector = Projector(
      name: "p", store: store, logic: logic, environment: clock.environment)
    let subscription = Subscription(
      consumer: projector, store: store, throttle: eventsPerSecond, owner: "me",
      environment: clock.environment)
    try await clock.running {
      let running = clock.task { await subscription.run() }
      while books.withLock({ $0.reduce(0) { $0 + $1.events } }) < 4 * events {
        try await clock.sleep(.milliseconds(1))
      }
      running.cancel()
      _ = await running.result
    }
    return books.withLock { $0 }
  }

  @Test func whatIsHeldUpComesInAsFewBooks() async throws {
    let books = try await books(of: 50, eventsPerSecond: 1000)
    // One aggregate may begin before all of its events are read.
    #expect(books.count <= 8)
  }

  @Test func aBookHasATenthOfASecondsEvents() async throws {
    let books = try await books(of: 50, eventsPerSecond: 100)
    #expect(books.allSatisfy { $0.events <= 10 })
  }

  @Test func theRateIsKeptThroughout() async throws {
    let books = try await books(of: 50, eventsPerSecond: 100)
    let start = try #require(books.first?.time)
    var events = 0
    for book in books {
      // What came before it took its time, but for the pause that is too short to make.
      #expect(book.time - start + .milliseconds(5) >= .milliseconds(10) * events)
      events += book.events
    }
    #expect(events == 200)
    let end = try #require(books.last?.time)
    #expect(end - start < .seconds(3))
  }
}
