import EventModel
import EventSourcing
import OutriderTesting
import RPC
import Sidecars
import Testing
import Wire

/// Events as a query-handler shows them to a role without access to the event store.
@Suite(.timeLimit(.minutes(5))) struct RemoteHistoryTests {
  private let harness = SidecarHarness { _ in eventBook(nil, page("a"), page("b")) }

  private func history() async throws -> any EventHistory {
    try await RemoteHistories(harness.queries).history(of: "bank")
  }

  @Test func theLogIsReadInOrderAndInPortions() async throws {
    for number in 1...5 { _ = try await harness.send(commandBook(root(UInt8(number)), "x")) }
    let history = try await history()
    #expect(history.partitions == 1)
    #expect(try await history.head(ofPartition: 0) == Position(number: 5))
    let first = try await history.log(after: Position(number: 0), limit: ReadLimit(count: 3))
    #expect(first.map(\.position.number) == [1, 2, 3])
    let rest = try await history.log(after: Position(number: 3), limit: ReadLimit())
    #expect(rest.map(\.position.number) == [4, 5])
    #expect(rest.allSatisfy { $0.commit.pages.count == 2 && $0.commit.commandID == nil })
    #expect(try await history.log(after: Position(number: 5), limit: ReadLimit()).isEmpty)
  }

  @Test func anAggregatesCommitsAreWholeAndSayWhereTheyStand() async throws {
    for _ in 1...3 { _ = try await harness.send(commandBook(root(1), "x")) }
    let history = try await history()
    let commits = try await history.commits(of: root(1), from: 2, limit: ReadLimit())
    #expect(commits.map(\.position.number) == [2, 3])
    #expect(commits.map(\.commit.pages.first) == [2, 4])
    let one = try await history.commits(of: root(1), from: 0, limit: ReadLimit(count: 1))
    #expect(one.map(\.commit.pages.count) == [2])
  }

  @Test func theDomainsThatExistAreNamed() async throws {
    #expect(try await RemoteHistories(harness.queries).domains().isEmpty)
    _ = try await harness.send(commandBook(root(1), "x"))
    #expect(try await RemoteHistories(harness.queries).domains() == ["bank"])
  }

  @Test func aLongRunOfPlacesWithoutACommitIsNoEnd() async throws {
    let book = EventBook(
      cover: Cover(domain: "bank", root: .nil),
      pages: {
        var pages = PageBlock(emptyAt: 0)
        pages.append(
          EventPage(sequence: 0, createdAt: Timestamp(seconds: 1), body: [0x22, 2, 0x0A, 0]))
        return pages
      }(), commandID: "c")
    let log = Service(
      "outrider.v1.Log",
      [
        "Head": .unary { _, _ in
          OutriderV1.HeadResponse(positions: [Position(number: 100)]).wireBytes
        },
        "Read": .serverStreaming { request, responses, _ in
          let request = try OutriderV1.ReadLogRequest(wireBytes: request)
          let numbers = (request.after.number + 1...100).prefix(request.limit ?? .max)
          for number in numbers {
            let entry = OutriderV1.LogEntry(
              position: Position(number: number),
              content: number < 100 ? .tombstone : .commit(book, id: .nil, historyFrom: nil))
            try await responses.send(entry.wireBytes)
          }
        },
      ])
    let history = try await RemoteHistories(InProcessChannel([log])).history(of: "bank")
    let found = try await history.log(after: Position(number: 0), limit: ReadLimit(count: 7))
    #expect(found.map(\.position.number) == [100])
  }

  @Test func aQueryHandlerThatIsAwayIsTemporary() async throws {
    let channel = InProcessChannel([])
    await channel.close()
    let error = await #expect(throws: StorageError.self) {
      try await RemoteHistories(channel).history(of: "bank")
    }
    #expect(error?.code == .unavailable)
  }
}
