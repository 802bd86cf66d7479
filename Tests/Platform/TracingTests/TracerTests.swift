import Synchronization
import Testing
import Timing

@testable import Tracing

@Suite(.timeLimit(.minutes(1))) struct TracerTests {
  private let time = Time()
  private let recorded = Recorded()

  private func tracer(_ rate: Double) -> Tracer {
    Tracer(rate: rate, environment: time.environment) { recorded.add($0) }
  }

  private let caller = SpanContext(
    trace: TraceID(high: 1, low: 2), span: 3, flags: 1, state: "a=1")

  // MARK: What is recorded

  @Test(arguments: [0.0, 1.0]) func callersFlagDecidesWhateverTheRate(_ rate: Double) {
    let tracer = tracer(rate)
    #expect(tracer.serving(caller, "call", []) != nil)
    #expect(tracer.serving(caller.unsampled, "call", []) == nil)
  }

  @Test func rateDecidesWhereTheCallerSaysNothing() {
    for (rate, expected) in [
      (0.0, 0...0), (0.01, 50...150), (0.5, 4800...5200), (1, 10000...10000),
    ] {
      let tracer = tracer(rate)
      let count = (0..<10_000).count { _ in tracer.serving(nil, "call", []) != nil }
      #expect(expected.contains(count), "\(count) of 10000 at \(rate)")
    }
  }

  @Test func rateChangesForTracesThatBeginLater() {
    let tracer = tracer(0)
    #expect(tracer.serving(nil, "call", []) == nil)
    tracer.setRate(1)
    #expect(tracer.serving(nil, "call", []) != nil)
    tracer.setRate(0)
    #expect(tracer.serving(nil, "call", []) == nil)
  }

  /// As OpenTelemetry's sampler by ratio does, so that both agree on a trace.
  @Test func rateDecidesByTheLowerHalfOfTheTracesId() throws {
    let tracer = tracer(0.25)
    for span in (0..<1000).compactMap({ _ in tracer.serving(nil, "call", []) }) {
      #expect(span.context.trace.low < 1 << 62)
    }
  }

  @Test func whatFollowsARecordedCauseIsRecordedAndLinkedAndNeverItsChild() throws {
    let span = try #require(tracer(0).following([caller], "process", .consumer, []))
    #expect(span.context.trace != caller.trace)
    span.end()
    let record = try #require(recorded.all.first)
    #expect(record.parent == nil)
    #expect(record.links == [caller])
  }

  @Test func whatFollowsOtherCausesIsRecordedByTheRate() {
    #expect(tracer(0).following([caller.unsampled], "process", .consumer, []) == nil)
    #expect(tracer(1).following([caller.unsampled], "process", .consumer, []) != nil)
    #expect(tracer(0).following([], "process", .consumer, []) == nil)
    #expect(tracer(1).following([], "process", .consumer, []) != nil)
  }

  @Test func linksAreBounded() throws {
    let causes = Array(repeating: caller, count: 100)
    try #require(tracer(1).following(causes, "send", .producer, [])).end()
    let record = try #require(recorded.all.first)
    #expect(record.links.count == 32)
    #expect(record.linksOmitted == 68)
  }

  @Test func idsAreNeverTheSame() {
    let (tracer, other) = (tracer(1), tracer(1))
    var ids: Set<UInt64> = []
    for _ in 0..<10_000 {
      for tracer in [tracer, other] {
        let context = tracer.unrecorded()
        #expect(!context.isSampled)
        ids.formUnion([context.span, context.trace.low, context.trace.high])
      }
    }
    #expect(ids.count == 60_000)
  }

  // MARK: What a span says

  @Test func childrenAreOfTheirParentsTraceAndTakeTheirTime() async throws {
    let server = try #require(tracer(0).serving(caller, "call", [SpanAttribute("a", "b")]))
    time.advance(by: .milliseconds(1))
    let child = try #require(server.child("append"))
    time.advance(by: .milliseconds(2))
    child.set("outrider.position", 7)
    child.end()
    time.advance(by: .milliseconds(3))
    server.end(isFailed: true)
    server.end()  // once only

    let start = Timestamp(seconds: 1_700_000_000)
    #expect(
      recorded.all == [
        SpanRecord(
          context: child.context, parent: server.context.span, name: "append", kind: .internal,
          began: start.advanced(by: .milliseconds(1)), duration: .milliseconds(2),
          attributes: [SpanAttribute("outrider.position", .number(7))]),
        SpanRecord(
          context: server.context, parent: 3, isParentRemote: true, name: "call", kind: .server,
          began: start, duration: .milliseconds(6), attributes: [SpanAttribute("a", "b")],
          isFailed: true),
      ])
    for record in recorded.all {
      #expect(record.context.trace == caller.trace)
      #expect(record.context.state == "a=1")
      #expect(record.context.isSampled)
    }
  }

  @Test func sameKeyIsSaidOnce() throws {
    let span = try #require(tracer(1).serving(nil, "call", []))
    for number in 0..<5 { span.set("outrider.domain", number) }
    span.end()
    #expect(recorded.all.first?.attributes == [SpanAttribute("outrider.domain", .number(4))])
  }

  @Test func traceHasFewSpansHoweverOftenSomethingIsTried() throws {
    let server = try #require(tracer(1).serving(nil, "call", []))
    let children = (0..<100_000).compactMap { _ in server.child("try") }
    for child in children { child.end() }
    server.end()
    #expect(children.count == 16)
    #expect(recorded.all.count == 17)
    #expect(
      recorded.all.last?.attributes == [SpanAttribute("outrider.spans.omitted", .number(99_984))])
  }

  @Test func bodyHasItsSpanAndFailsIt() async throws {
    struct Failure: Error {}
    let span = try #require(tracer(1).serving(nil, "call", []))
    await #expect(throws: Failure.self) {
      try await span.during {
        #expect(Span.current === span)
        throw Failure()
      }
    }
    #expect(Span.current == nil)
    #expect(recorded.all.map(\.isFailed) == [true])
  }
}

/// A clock that stands still, and numbers that differ.
private final class Time: Sendable {
  private let state = Mutex((start: ContinuousClock.now, elapsed: Duration.zero, random: UInt64(1)))

  func advance(by duration: Duration) { state.withLock { $0.elapsed += duration } }

  var environment: Environment {
    Environment(
      now: { [self] in
        Timestamp(seconds: 1_700_000_000).advanced(by: state.withLock { $0.elapsed })
      },
      instant: { [self] in state.withLock { $0.start + $0.elapsed } }, sleep: { _ in },
      random: { [self] in
        state.withLock {
          $0.random &*= 0x5851_f42d_4c95_7f2d
          return $0.random
        }
      })
  }
}

private final class Recorded: Sendable {
  private let records = Mutex<[SpanRecord]>([])

  func add(_ record: SpanRecord) { records.withLock { $0.append(record) } }
  var all: [SpanRecord] { records.withLock { $0 } }
}
