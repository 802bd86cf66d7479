import EventModel
import Logging
import RPC
import ServiceLifecycle
import Timing
import Tracing
import Wire

/// Exports spans to a collector, by OTLP over gRPC (OpenTelemetry Protocol 1.x).
///
/// One loop, one request at a time. A faulty or slow collector loses spans, and delays no call.
package struct TraceExporter: ServiceLifecycle.Service {
  /// Time limits.
  package struct Times: Sendable {
    /// The longest wait of a span for others to share its batch.
    package var interval = Duration.seconds(1)
    /// The time limit of one request.
    package var deadline = Duration.seconds(10)
    /// The time limit of one batch, retries included.
    package var patience = Duration.seconds(60)
    /// The longest delay of a shutdown by queued spans.
    package var flush = Duration.seconds(5)

    package init() {}
  }

  private static let export = Method(
    service: "opentelemetry.proto.collector.trace.v1.TraceService", name: "Export")

  private let queue: SpanQueue
  private let channel: any RPCChannel
  private let headers: CollectorHeaders
  private let resource: [SpanAttribute]
  private let version: String
  private let times: Times
  private let environment: Environment
  private let logger: Logger

  /// - Parameters:
  ///   - channel: the channel to the collector. It is closed at the end.
  ///   - resource: attributes of this process.
  ///   - version: the executable's version.
  package init(
    _ queue: SpanQueue, to channel: any RPCChannel, headers: CollectorHeaders = .fixed([:]),
    resource: [SpanAttribute], version: String, times: Times = Times(),
    environment: Environment = .live, logger: Logger
  ) {
    self.queue = queue
    self.channel = channel
    self.headers = headers
    self.resource = resource
    self.version = version
    self.times = times
    self.environment = environment
    self.logger = logger
  }

  /// Exports until shutdown, then flushes the queue.
  package func run() async {
    await cancelWhenGracefulShutdown { await exportUntilCancelled() }
    await flush()
    await channel.close()
  }

  /// A batch in progress returns to the queue if the task is cancelled.
  func exportUntilCancelled() async {
    var isFailing = false
    while await queue.waitForSpan() {
      await within(times.interval, sleep: environment.sleep) { [queue] in
        await queue.waitForBatch()
      }
      while let batch = queue.batch() {
        guard !Task.isCancelled else { return queue.putBack(batch) }
        do throws(RPCStatus) {
          try await send(batch)
          if isFailing { logger.info("the collector takes traces again") }
          isFailing = false
        } catch {
          if Task.isCancelled { return queue.putBack(batch) }
          queue.count(batch.count, .failed)
          if !isFailing {
            logger.warning(
              "the collector takes no traces; calls go on without them",
              metadata: ["error": "\(error)"])
          }
          isFailing = true
        }
      }
    }
  }

  /// Sends the queued spans within the time limit.
  func flush() async {
    if queue.isEmpty { return }
    await within(times.flush, sleep: environment.sleep) {
      while let batch = queue.batch() {
        do throws(RPCStatus) { try await send(batch) } catch {
          return queue.count(batch.count, .failed)
        }
      }
    }
    while let batch = queue.batch() { queue.count(batch.count, .failed) }
  }

  /// Sends a batch. Retries while that may help, within the patience.
  private func send(_ batch: [SpanRecord]) async throws(RPCStatus) {
    let request = OpenTelemetry.ExportTraceServiceRequest(
      resource: resource, scope: (name: "outrider", version: version), spans: batch
    ).wireBytes
    let end = environment.instant() + times.patience
    var backoff = Backoff(from: .milliseconds(500), upTo: .seconds(10))
    while true {
      do throws(RPCStatus) {
        let options = CallOptions(
          metadata: headers.current,
          deadline: Deadline(instant: environment.instant() + times.deadline))
        return note(try await channel.unary(Self.export, request, options), to: batch)
      } catch {
        let pause = backoff.next(random: environment.random())
        guard error.code.mayPass, environment.instant() + pause < end else { throw error }
        do { try await environment.sleep(pause) } catch { throw .taskCancelled }
      }
    }
  }

  /// Any answer settles the batch.
  private func note(_ answer: Message, to batch: [SpanRecord]) {
    let response = try? OpenTelemetry.ExportTraceServiceResponse(wireBytes: answer)
    let rejected = min(response?.rejectedCount ?? batch.count, batch.count)
    queue.count(batch.count - rejected, .exported)
    queue.count(rejected, .failed)
    if rejected > 0 {
      logger.warning(
        "the collector rejected spans",
        metadata: [
          "spans": "\(rejected)",
          "error": "\(response?.message.prefix(200) ?? "its answer cannot be read")",
        ])
    }
  }
}

extension RPCStatus.Code {
  /// True if a retry may succeed (OTLP, *Failures*).
  fileprivate var mayPass: Bool {
    switch self {
    case .cancelled, .deadlineExceeded, .aborted, .outOfRange, .unavailable, .dataLoss: true
    default: false
    }
  }
}
