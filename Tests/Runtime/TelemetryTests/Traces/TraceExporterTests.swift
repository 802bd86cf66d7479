import Logging
import RPC
import Synchronization
import Testing
import Timing
import Tracing

@testable import Telemetry

@Suite(.timeLimit(.minutes(5))) final class TraceExporterTests: Sendable {
  /// What the collector is asked, in bytes; how it answers.
  private let requests = Mutex<[Int]>([])
  private let answers: Mutex<[RPCStatus.Code]>
  private let pauses = Mutex<[Duration]>([])

  init() { answers = Mutex([]) }

  private func span(_ name: String = "call") -> SpanRecord {
    SpanRecord(
      context: SpanContext(trace: TraceID(high: 1, low: 2), span: 3), name: name, kind: .server,
      began: Timestamp(seconds: 1))
  }

  private func queue(_ count: Int, _ limits: SpanQueue.Limits = SpanQueue.Limits()) -> SpanQueue {
    let queue = SpanQueue(limits)
    for _ in 0..<count { queue.add(span()) }
    return queue
  }

  private func counts(_ queue: SpanQueue) -> [UInt64] {
    SpanQueue.Outcome.allCases.map(queue.count(of:))
  }

  /// An exporter whose time passes by itself, to a collector that ends calls with these codes, and
  /// then with OK.
  private func exporter(_ queue: SpanQueue, _ codes: [RPCStatus.Code] = []) -> TraceExporter {
    answers.withLock { $0 = codes }
    let collector = Service(
      "opentelemetry.proto.collector.trace.v1.TraceService",
      [
        "Export": .unary { [self] request, _ in
          requests.withLock { $0.append(request.count) }
          let code = answers.withLock { $0.isEmpty ? .ok : $0.removeFirst() }
          if code != .ok { throw RPCStatus(code) }
          return []
        }
      ])
    // Calls have deadlines by the real clock, which are not to pass on a slow machine.
    let start = ContinuousClock.now + .seconds(3600)
    return TraceExporter(
      queue, to: InProcessChannel([collector]), resource: [], version: "1",
      environment: Environment(
        now: { Timestamp(seconds: 1) },
        instant: { [self] in start + pauses.withLock { $0.reduce(.zero, +) } },
        sleep: { [self] duration in pauses.withLock { $0.append(duration) } }, random: { 0 }),
      logger: Logger(label: "x") { _ in SwiftLogNoOpLogHandler() })
  }

  @Test func spansGoInBatches() async {
    let queue = queue(1200)
    let exporter = exporter(queue)
    let running = Task { await exporter.exportUntilCancelled() }
    while counts(queue)[0] < 1200 { await Task.yield() }
    running.cancel()
    await running.value
    #expect(requests.withLock { $0.count } == 3)
    #expect(counts(queue) == [1200, 0, 0])
  }

  @Test func whatMayPassIsTriedAgainWithGrowingPauses() async {
    let queue = queue(5)
    let exporter = exporter(queue, [.unavailable, .deadlineExceeded, .aborted])
    let running = Task { await exporter.exportUntilCancelled() }
    while counts(queue)[0] == 0 { await Task.yield() }
    running.cancel()
    await running.value
    #expect(counts(queue) == [5, 0, 0])
    let pauses = pauses.withLock { $0.filter { $0 != .seconds(1) } }
    #expect(pauses == [.milliseconds(250), .milliseconds(500)])
    #expect(requests.withLock { $0.count } == 4)
  }

  @Test(arguments: [RPCStatus.Code.unauthenticated, .unimplemented, .resourceExhausted])
  func whatWillNotPassIsGivenUpAtOnce(_ code: RPCStatus.Code) async {
    let queue = queue(5)
    let exporter = exporter(queue, [code])
    let running = Task { await exporter.exportUntilCancelled() }
    while counts(queue)[2] == 0 { await Task.yield() }
    queue.add(span())
    while counts(queue)[0] == 0 { await Task.yield() }
    running.cancel()
    await running.value
    #expect(counts(queue) == [1, 0, 5])
    #expect(requests.withLock { $0.count } == 2)
  }

  @Test func collectorThatStaysAwayCostsOneBatchAfterTheOther() async {
    let queue = queue(5)
    let exporter = exporter(queue, Array(repeating: .unavailable, count: 1000))
    let running = Task { await exporter.exportUntilCancelled() }
    while counts(queue)[2] == 0 { await Task.yield() }
    running.cancel()
    await running.value
    #expect(counts(queue) == [0, 0, 5])
    #expect(pauses.withLock { $0.reduce(.zero, +) } < .seconds(62))
  }

  // MARK: The queue

  @Test func spanBeyondTheBoundsIsDroppedAndCounted() {
    var limits = SpanQueue.Limits()
    limits.countMax = 3
    #expect(counts(queue(5, limits)) == [0, 2, 0])
    limits = SpanQueue.Limits()
    limits.bytesMax = 2 * span().byteCount
    let full = queue(5, limits)
    #expect(counts(full) == [0, 3, 0])
    #expect(full.batch()?.count == 2)
    full.add(span())
    #expect(full.batch()?.count == 1)
    #expect(full.batch() == nil)
  }

  @Test func batchThatWasPutBackComesFirst() {
    let queue = SpanQueue()
    for name in ["a", "b"] { queue.add(span(name)) }
    let batch = queue.batch() ?? []
    queue.add(span("c"))
    queue.putBack(batch)
    #expect(queue.batch()?.map(\.name) == ["a", "b", "c"])
  }

  // MARK: The collector's headers

  @Test func headersAreReadFromLines() throws {
    let headers = try CollectorHeaders.headers("# key\nX-Key:  a b \n\ntenant:blue\r\n")
    #expect(headers == ["x-key": "a b", "tenant": "blue"])
  }

  @Test(arguments: ["x", ":a", "a b: c", "grpc-x: c", "x-bin: c", "x:", "x: ü", "te\u{0}: x"])
  func anythingElseIsRefused(_ line: String) {
    #expect(throws: (any Error).self) { try CollectorHeaders.headers(line) }
  }
}
