import EventModel
import EventSourcing
import Synchronization
import Tracing
import Wire

/// Records a trace for each published batch, from its start to the broker's confirmation, linked
/// to the calls that caused the commits.
public struct TracedChannel: MessageChannel {
  private let channel: any MessageChannel
  private let tracer: Tracer
  private let system: String

  /// - Parameter system: OpenTelemetry's name of the broker.
  public init(_ channel: any MessageChannel, _ system: String, by tracer: Tracer) {
    self.channel = channel
    self.system = system
    self.tracer = tracer
  }

  public var name: Name { channel.name }
  public var disorder: Duration { channel.disorder }

  public func publisher(
    of domain: Name, partition: UInt32, window: Int,
    blocked: @escaping @Sendable (String?) -> Void
  ) async throws(ChannelError) -> any ChannelPublisher {
    TracedPublisher(
      try await channel.publisher(
        of: domain, partition: partition, window: window, blocked: blocked),
      by: tracer,
      SpanAttribute.messaging(system, "send") + [
        SpanAttribute("messaging.destination.name", .text(domain.text)),
        SpanAttribute("outrider.domain", .text(domain.text)),
      ], to: domain)
  }

  /// Deliveries are traced by their handlers.
  public func consumer(
    of domain: Name, partition: UInt32, for subscription: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer<RecordedCommit> {
    try await channel.consumer(
      of: domain, partition: partition, for: subscription, window: window)
  }

  public func deadLetters(
    of domain: Name, partition: UInt32, for subscription: Name
  ) throws(ChannelError) -> any DeadLetters {
    try channel.deadLetters(of: domain, partition: partition, for: subscription)
  }

  public func close() async { await channel.close() }
}

private final class TracedPublisher: ChannelPublisher {
  private let publisher: any ChannelPublisher
  private let tracer: Tracer
  private let attributes: [SpanAttribute]
  private let domain: Name
  /// Unconfirmed batches, each with the position of its last commit. Bounded by the publisher's
  /// window.
  private let underWay = Mutex<[(last: UInt64, span: Span)]>([])

  init(
    _ publisher: any ChannelPublisher, by tracer: Tracer, _ attributes: [SpanAttribute],
    to domain: Name
  ) {
    self.publisher = publisher
    self.tracer = tracer
    self.attributes = attributes
    self.domain = domain
  }

  func publish(_ commits: [RecordedCommit]) async throws(ChannelError) {
    if let last = commits.last?.position.number, let span = span(of: commits, upTo: last) {
      underWay.withLock { $0.append((last, span)) }
    }
    try await publisher.publish(commits)
  }

  func confirmation(after number: UInt64) async throws(ChannelError) -> UInt64 {
    let confirmed = try await publisher.confirmation(after: number)
    end(isFailed: false) { $0 <= confirmed }
    return confirmed
  }

  func close() async {
    end(isFailed: true) { _ in true }
    await publisher.close()
  }

  private func span(of commits: [RecordedCommit], upTo last: UInt64) -> Span? {
    tracer.following(
      commits.compactMap(\.commit.origin.cause), "send \(domain)", .producer,
      attributes + [
        SpanAttribute("messaging.batch.message_count", .number(Int64(commits.count))),
        SpanAttribute("outrider.position", .number(Int64(clamping: last))),
      ])
  }

  private func end(isFailed: Bool, where isMeant: (UInt64) -> Bool) {
    let ended = underWay.withLock { underWay in
      let ended = underWay.filter { isMeant($0.last) }
      underWay.removeAll { isMeant($0.last) }
      return ended
    }
    for (_, span) in ended { span.end(isFailed: isFailed) }
  }
}
