import RPC
import Testing

@Suite(.timeLimit(.minutes(5))) struct TraceTests {
  /// Answers with the trace that calls made for it would carry.
  let channel = InProcessChannel([
    Service(
      "test.Test",
      [
        "Trace": .unary { _, _ in
          let trace = TraceContext.current
          return Array(
            (trace.values("traceparent") + trace.values("tracestate") + ["\(trace.count)"])
              .joined(separator: " ").utf8)
        }
      ]
    ).intercepted(by: [TraceCarrier()])
  ])

  func trace(_ metadata: Metadata) async throws -> String {
    let answer = try await channel.unary(
      Method(service: "test.Test", name: "Trace"), [], CallOptions(metadata: metadata))
    return String(decoding: answer, as: UTF8.self)
  }

  @Test func callersTraceGoesOnAsItCameAndNothingElseDoes() async throws {
    let trace = try await trace([
      "authorization": "Bearer secret", "traceparent": "00-1-2-01", "tracestate": "a=1",
      "tracestate": "b=2",
    ])
    #expect(trace == "00-1-2-01 a=1 b=2 3")
  }

  @Test func stateWithoutATraceIsDropped() async throws {
    let state = try await trace(["tracestate": "a=1"])
    #expect(state == "0")
    let none = try await trace([:])
    #expect(none == "0")
  }
}
