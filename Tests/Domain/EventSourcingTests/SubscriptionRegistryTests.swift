import EventModel
import Testing

@testable import EventSourcing

@Suite(.timeLimit(.minutes(5))) struct SubscriptionRegistryTests {
  private let store: any DomainStore
  private var registry: SubscriptionRegistry { SubscriptionRegistry(store) }

  init() async throws { store = try await memoryStore() }

  private func code(_ body: () async throws -> Void) async -> EventSourcingError.Code? {
    do { try await body() } catch { return (error as? EventSourcingError)?.code }
    return nil
  }

  @Test func whatIsOpenedIsFoundAgain() async throws {
    for number in 1...3 as ClosedRange<UInt8> {
      _ = try await store.append(commit(number, at: 0, "a"))
    }
    let beginning = try await registry.open("a", lanes: 4, start: .beginning)
    let head = try await registry.open("b", lanes: nil, start: .head)
    #expect(beginning.lanes == 4 && beginning.starts == [0])
    #expect(head.lanes == 1 && head.starts == [3])
    #expect(try await registry.find("a") == beginning)
    #expect(try await registry.open("b", lanes: nil, start: .beginning) == head)
    #expect(try await registry.find("c") == nil)
  }

  @Test func ofManyThatOpenOneAtATimeAllSeeTheSame() async throws {
    let opened = try await withThrowingTaskGroup { group in
      for lanes in 1...16 {
        group.addTask { try? await registry.open("a", lanes: lanes, start: .beginning) }
      }
      return try await group.reduce(into: []) { $0.append($1) }.compactMap(\.self)
    }
    #expect(opened.count == 1)
    #expect(try await registry.find("a") == opened.first)
  }

  @Test func anotherNumberOfLanesIsRefused() async throws {
    _ = try await registry.open("a", lanes: 4, start: .beginning)
    #expect(
      await code { _ = try await registry.open("a", lanes: 5, start: .head) } == .precondition)
  }

  @Test func whatWasDeletedBeginsAnew() async throws {
    let first = try await registry.open("a", lanes: 4, start: .beginning)
    let lane = SubscriptionLane(partition: 0, lane: 0)
    let lease = try #require(
      try await store.acquire(first.leaseName(lane), owner: "o", duration: .seconds(9)))
    try await store.advance(first.checkpointName(lane), to: Position(number: 7), holding: lease)
    #expect(try await registry.checkpoint(of: lane, of: first) == 7)
    try await registry.delete("a")
    #expect(try await registry.find("a") == nil)
    #expect(await code { try await registry.delete("a") } == .notFound)
    #expect(await code { try await registry.move("a", to: .head) } == .notFound)
    let second = try await registry.open("a", lanes: 2, start: .beginning)
    #expect(second.generation > first.generation)
    #expect(try await registry.checkpoint(of: lane, of: second) == 0)
  }

  @Test func aMoveGoesForwardAndBack() async throws {
    for number in 1...5 as ClosedRange<UInt8> {
      _ = try await store.append(commit(number, at: 0, "a"))
    }
    let first = try await registry.open("a", lanes: 4, start: .beginning)
    let ahead = try await registry.move("a", to: .head)
    #expect(ahead.starts == [5] && ahead.lanes == 4 && ahead.generation > first.generation)
    let back = try await registry.move("a", to: .head, after: [Position(number: 2)], lanes: 2)
    #expect(back.starts == [2] && back.lanes == 2)
    for place in [Position(partition: 1, number: 0), Position(number: 6)] {
      #expect(await code { try await registry.move("a", to: .head, after: [place]) } == .invalid)
    }
    #expect(try await registry.find("a") == back)
  }

  @Test func allAreListedPageByPage() async throws {
    let names = (0..<7).map { Name("s\($0)") }
    for name in names { _ = try await registry.open(name, lanes: 1, start: .beginning) }
    try await registry.delete("s3")
    var found: [Name] = []
    var last: Root?
    repeat {
      let page = try await registry.list(after: last, limit: 2)
      found += page.subscriptions.map(\.name)
      last = page.next
    } while last != nil
    #expect(found.sorted() == names.filter { $0 != "s3" })
  }

  @Test func longNamesAndManyPartitionsFitIn() throws {
    let subscription = DurableSubscription(
      name: Name(String(repeating: "é", count: 64)), lanes: 64, starts: Array(0..<100),
      createdAt: Timestamp(seconds: 3), generation: 9)
    #expect(try DurableSubscription(subscription.record) == subscription)
  }
}
