import EventModel
import EventSourcing
import OutriderTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct RelayedEventsTests {
  /// Commits that a command-handler stored before and while the relay runs.
  @Test func everyCommitReachesTheChannelInTheOrderOfTheLog() async throws {
    let harness = SidecarHarness { _ in eventBook(nil, page("a")) }
    let consumer = try await harness.channel.consumer(
      of: "bank", partition: 0, for: "x", window: 100)
    for number: UInt8 in 1...2 { _ = try await harness.send(commandBook(root(number), "x")) }
    let relayed = try await harness.relaying {
      _ = try await harness.send(commandBook(root(1), "x"))
      var commits: [RecordedCommit] = []
      while commits.count < 3 {
        for delivery in try await consumer.deliveries() {
          if case .message(let commit) = delivery.content { commits.append(commit) }
        }
      }
      return commits
    }
    await consumer.close()
    #expect(relayed.map(\.position.number) == [1, 2, 3])
    #expect(relayed.map(\.commit.cover.root) == [root(1), root(2), root(1)])
  }
}
