import EventModel
import EventSourcing
import MemoryChannel
import Metrics
import Synchronization
import Testing
import Timing

@testable import Telemetry

@Suite(.timeLimit(.minutes(5))) struct ChannelMetricsTests {
  private func lines(_ metrics: ChannelMetrics) -> [String] {
    var exposition = Exposition()
    metrics.write(to: &exposition)
    return exposition.text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
  }

  /// The count and the sum of a histogram, as text.
  private func times(_ family: String, _ metrics: ChannelMetrics) -> [String] {
    lines(metrics).filter { $0.hasPrefix(family) && !$0.contains("_bucket{") }
      .compactMap { $0.split(separator: " ").last.map(String.init) }
  }

  private static let commits = (1...3 as ClosedRange<UInt64>).map { number in
    var pages = PageBlock(emptyAt: 0)
    pages.append(EventPage(sequence: 0, createdAt: Timestamp(seconds: 1), body: [0x22, 0]))
    return RecordedCommit(
      position: Position(number: number),
      commit: Commit(
        cover: Cover(domain: "d", root: Root(Array(repeating: 1, count: 16))!),
        id: CommitID(Array(repeating: 2, count: 16))!, pages: pages, commandID: nil,
        createdAt: Timestamp(seconds: 1)))
  }

  @Test func messagesAreTimedUntilTheBrokerHasThemAndUntilTheyAreHandled() async throws {
    let now = Mutex(Environment.live.instant())
    let metrics = ChannelMetrics("kafka", clock: { now.withLock { $0 } })
    let channel = MeteredChannel(MemoryChannel(), metrics)
    let consumer = try await channel.consumer(of: "d", partition: 0, for: "p", window: 10)
    let publisher = try await channel.publisher(of: "d", partition: 0, window: 10) { _ in }
    let (sending, processing) = (
      "messaging_client_operation_duration_seconds", "messaging_process_duration_seconds"
    )
    try await publisher.publish(Self.commits)
    #expect(times(sending, metrics).isEmpty)
    now.withLock { $0 += .seconds(2) }
    #expect(try await publisher.confirmation(after: 0) == 3)
    #expect(times(sending, metrics) == ["6", "3"])

    let tags = try await consumer.deliveries().map(\.tag)
    now.withLock { $0 += .seconds(5) }
    consumer.acknowledge(Array(tags.prefix(2)))
    #expect(times(processing, metrics) == ["10", "2"])
    // Again, or unknown: nothing more.
    consumer.acknowledge([tags[0], 99])
    #expect(times(processing, metrics) == ["10", "2"])
  }

  @Test func messagesAreCountedByDomainAndDirection() async throws {
    let metrics = ChannelMetrics("kafka")
    let channel = MeteredChannel(MemoryChannel(), metrics)
    let consumer = try await channel.consumer(of: "d", partition: 0, for: "p", window: 10)
    let publisher = try await channel.publisher(of: "d", partition: 0, window: 10) { _ in }
    try await publisher.publish(Self.commits)
    #expect(try await consumer.deliveries().count == 3)
    let labels = "messaging_system=\"kafka\",messaging_destination_name=\"d\""
    #expect(
      lines(metrics) == [
        "messaging_client_sent_messages_total{\(labels),messaging_operation_name=\"send\"} 3",
        "messaging_client_consumed_messages_total{\(labels),messaging_operation_name=\"receive\"} 3",
      ])
  }

  @Test func commandsAreCountedByTheirTopic() async throws {
    let metrics = ChannelMetrics("kafka")
    let channel = MeteredCommandChannel(MemoryCommandChannel(), as: "commands", metrics)
    let consumer = try await channel.consumer(of: "d", window: 10)
    try await channel.publish(ChannelMessage(key: [], headers: [], body: []), to: "d")
    #expect(try await consumer.deliveries().count == 1)
    let labels = "messaging_system=\"kafka\",messaging_destination_name=\"commands\""
    #expect(
      lines(metrics).filter { !$0.contains("duration") } == [
        "messaging_client_sent_messages_total{\(labels),messaging_operation_name=\"send\"} 1",
        "messaging_client_consumed_messages_total{\(labels),messaging_operation_name=\"receive\"} 1",
      ])
  }

  @Test func domainsBeyondTheBoundAreCountedTogether() async throws {
    let metrics = ChannelMetrics("kafka")
    let channel = MeteredChannel(MemoryChannel(), metrics)
    for number in 0..<150 {
      let domain = Name("d\(number)")
      let publisher = try await channel.publisher(of: domain, partition: 0, window: 1) { _ in }
      try await publisher.publish([])
    }
    #expect(lines(metrics).count == 2 * 101)
  }
}
