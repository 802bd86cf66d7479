import EventModel
import Testing
import Timing
import Tracing

@testable import Wire

@Suite struct TraceTests {
  private let cause = SpanContext(
    trace: TraceID(high: 10, low: 11), span: 12, flags: 1, state: "a=1")

  @Test func spansAreWrittenAsOpenTelemetryDoes() {
    let began = Timestamp(seconds: 1_700_000_000, nanoseconds: 5)
    let call = SpanRecord(
      context: cause, parent: 13, isParentRemote: true, name: "call", kind: .server, began: began,
      duration: .milliseconds(1),
      attributes: [
        SpanAttribute("text", "zoë"), SpanAttribute("number", .number(-1)),
        SpanAttribute("zero", .number(0)), SpanAttribute("flag", .flag(true)),
        SpanAttribute("no", .flag(false)),
      ], isFailed: true)
    let process = SpanRecord(
      context: SpanContext(trace: TraceID(high: 1, low: 2), span: 3), name: "process",
      kind: .consumer, began: began, links: [cause], linksOmitted: 2)
    let request = OpenTelemetry.ExportTraceServiceRequest(
      resource: [SpanAttribute("service.name", "shop")], scope: ("outrider", "1.2.3"),
      spans: [call, process])
    #expect(request.wireBytes == Golden.exportTraceServiceRequest)
  }

  @Test func answersAreRead() throws {
    #expect(
      try OpenTelemetry.ExportTraceServiceResponse(wireBytes: Golden.exportTraceServiceResponse)
        == OpenTelemetry.ExportTraceServiceResponse(rejectedCount: 3, message: "too old"))
    #expect(
      try OpenTelemetry.ExportTraceServiceResponse(wireBytes: [])
        == OpenTelemetry.ExportTraceServiceResponse(rejectedCount: 0, message: ""))
    let negative: Bytes = [0x0a, 0x0b, 0x08] + Array(repeating: 0xff, count: 9) + [0x01]
    #expect(
      try OpenTelemetry.ExportTraceServiceResponse(wireBytes: negative).rejectedCount == 0)
    #expect(throws: WireError.self) {
      try OpenTelemetry.ExportTraceServiceResponse(wireBytes: [0xff])
    }
  }

  @Test func originTellsItsCause() throws {
    #expect(Samples.origin.cause == nil)
    let origin = try Samples.origin.caused(by: cause)
    #expect(origin.cause == cause)
    #expect(origin.correlation == Samples.origin.correlation)
    var annotations = try Evented.Annotations(origin)
    annotations.headers["traceparent"] = nil
    annotations.headers["tracestate"] = nil
    #expect(annotations == (try Evented.Annotations(Samples.origin)))
  }

  @Test func whatTheClientSaysItselfStays() throws {
    var other = cause
    other.span = 99
    let origin = try Origin().caused(by: other)
    #expect(try origin.caused(by: cause).cause == other)
    let nonsense = Origin(Evented.Annotations(headers: ["traceparent": "nonsense"]))
    #expect(try nonsense.caused(by: cause) == nonsense)
    #expect(nonsense.cause == nil)
  }
}
