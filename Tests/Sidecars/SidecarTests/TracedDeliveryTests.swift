import EventModel
import EventSourcing
import MemoryChannel
import MemoryStorage
import OutriderTesting
import RPC
import Sidecars
import Synchronization
import Testing
import Tracing
import Wire

/// What is recorded of deliveries to a consumer, and of commits on their way to a broker.
@Suite(.timeLimit(.minutes(5))) final class TracedDeliveryTests: Sendable {
  private let recorded = Mutex<[SpanRecord]>([])
  private let cause = SpanContext(trace: TraceID(high: 1, low: 2), span: 3)
  private let cover = Cover(domain: "bank", root: root(1))

  private var spans: [SpanRecord] { recorded.withLock { $0 } }

  private func tracer(rate: Double = 0) -> Tracer {
    Tracer(rate: rate) { [self] record in recorded.withLock { $0.append(record) } }
  }

  private func pages(_ count: UInt32 = 1) -> PageBlock {
    var pages = PageBlock(emptyAt: 0)
    for number in 0..<count {
      pages.append(
        EventPage(
          sequence: SequenceNumber(number), createdAt: Timestamp(seconds: 1),
          body: field(4, any("x"))))
    }
    return pages
  }

  private func commit(
    at position: UInt64, of number: UInt8, by cause: SpanContext? = nil
  ) throws -> RecordedCommit {
    let origin = try cause.map { try Origin().caused(by: $0) } ?? Origin()
    return RecordedCommit(
      position: Position(partition: 0, number: position),
      commit: Commit(
        cover: Cover(domain: "bank", root: root(number)),
        id: CommitID(Bytes(repeating: UInt8(position), count: 16))!, pages: pages(), commandID: nil,
        origin: origin, createdAt: Timestamp(seconds: 1)))
  }

  @Test func eventThatIsDelivered100_000TimesMakesSmallTraces() async throws {
    let tracer = tracer()
    let team = InterceptedChannel(
      InProcessChannel([
        Service(
          "evented.Projector",
          ["HandleSync": .unary { _, _ in throw RPCStatus(.internal, "never") }])
      ]), [CallSpans(tracer, to: "logic", port: 1738)])
    let projector = Projector(
      name: "balance", store: try await MemoryStorage().domain("bank"),
      logic: RemoteProjectorLogic(name: "balance", team, at: "logic"))
    let consumer = TracedConsumer(projector, by: tracer)
    let book = EventBook(
      cover: cover, pages: pages(), origin: try Origin().caused(by: cause))
    for _ in 0..<100_000 {
      await #expect(throws: LogicError.self) {
        try await consumer.consume(book, deadline: .now + .seconds(60))
      }
    }
    var sizes: [TraceID: Int] = [:]
    for span in spans { sizes[span.context.trace, default: 0] += 1 }
    #expect(sizes.count == 100_000)
    #expect(sizes.values.max() == 2)
    #expect(sizes[cause.trace] == nil)
    #expect(spans.count { $0.links == [cause] && $0.parent == nil && $0.isFailed } == 100_000)
  }

  @Test func deliveryWithoutARecordedCauseGoesByTheRate() async throws {
    for (rate, count) in [(0.0, 0), (1, 1)] {
      let store = try await MemoryStorage().domain("bank")
      let projector = Projector(name: "balance", store: store, logic: Nothing())
      try await TracedConsumer(projector, by: tracer(rate: rate), from: "kafka").consume(
        EventBook(cover: cover, pages: pages(2)), deadline: .now + .seconds(60))
      #expect(spans.count == count)
    }
    #expect(spans[0].name == "process bank" && spans[0].kind == .consumer && spans[0].links.isEmpty)
    let attributes = Dictionary(
      uniqueKeysWithValues: spans[0].attributes.map { ($0.key, $0.value) })
    #expect(attributes["messaging.system"] == "kafka")
    #expect(attributes["outrider.events"] == .number(2))
  }

  private struct Nothing: ProjectorLogic {
    func project(
      _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
    ) async throws(LogicError) -> Bytes? { nil }
  }

  @Test func batchIsOneSpanUntilItIsConfirmedAndLinkedToEveryCause() async throws {
    let channel = TracedChannel(MemoryChannel(), "rabbitmq", by: tracer())
    let publisher = try await channel.publisher(of: "bank", partition: 0, window: 10) { _ in }
    try await publisher.publish([
      commit(at: 1, of: 1, by: cause), commit(at: 2, of: 2), commit(at: 3, of: 3, by: cause),
    ])
    #expect(spans.isEmpty)
    #expect(try await publisher.confirmation(after: 0) == 3)
    #expect(spans.map(\.links) == [[cause, cause]])
    #expect(spans[0].kind == .producer && spans[0].name == "send bank" && !spans[0].isFailed)
    try await publisher.publish([commit(at: 4, of: 1)])
    await publisher.close()
    #expect(spans.count == 1)
  }

  @Test func batchThatIsNotConfirmedFails() async throws {
    let channel = TracedChannel(MemoryChannel(), "rabbitmq", by: tracer(rate: 1))
    let publisher = try await channel.publisher(of: "bank", partition: 0, window: 10) { _ in }
    try await publisher.publish([commit(at: 1, of: 1)])
    await publisher.close()
    #expect(spans.map(\.isFailed) == [true])
  }
}
