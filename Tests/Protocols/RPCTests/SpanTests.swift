import Synchronization
import Testing
import Timing
import Tracing

@testable import RPC

/// What is recorded of calls, and told to those who are called for them.
@Suite(.timeLimit(.minutes(5))) final class SpanTests: Sendable {
  private let recorded = Mutex<[SpanRecord]>([])
  private let heard = Mutex<[Metadata]>([])
  private let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

  private var spans: [SpanRecord] { recorded.withLock { $0 } }

  /// Calls a service that calls logic so many times; answers what the logic was told.
  private func call(
    rate: Double, _ metadata: Metadata, times: Int = 1, failing code: RPCStatus.Code = .ok
  ) async throws -> [Metadata] {
    let tracer = Tracer(rate: rate) { [self] record in
      recorded.withLock { $0.append(record) }
    }
    let logic = InterceptedChannel(
      InProcessChannel([
        Service(
          "test.Logic",
          [
            "Decide": .unary { [self] request, context in
              heard.withLock { $0.append(context.metadata) }
              if code != .ok { throw RPCStatus(code) }
              return request
            }
          ])
      ]), [CallSpans(tracer, to: "logic", port: 1737)])
    let service = Service(
      "test.Test",
      [
        "Do": .unary { request, _ in
          for _ in 0..<times {
            _ = try await logic.unary(
              Method(service: "test.Logic", name: "Decide"), request,
              CallOptions(metadata: TraceContext.current))
          }
          return request
        }
      ])
    _ = try await InProcessChannel([service.intercepted(by: [TraceCarrier(tracer)])]).unary(
      Method(service: "test.Test", name: "Do"), [], CallOptions(metadata: metadata))
    return heard.withLock { $0 }
  }

  @Test func eachHopIsAChildOfTheOneBefore() async throws {
    let heard = try await call(rate: 0, ["traceparent": caller, "tracestate": "a=1"])
    try #require(spans.map(\.name) == ["test.Logic/Decide", "test.Test/Do"])
    let (client, server) = (spans[0], spans[1])
    #expect(server.kind == .server && server.isParentRemote)
    #expect(server.parent == 0xb7ad_6b71_6920_3331)
    #expect(client.kind == .client && !client.isParentRemote)
    #expect(client.parent == server.context.span)
    #expect(client.context.trace == server.context.trace)
    #expect(heard[0]["traceparent"] == client.context.traceparent)
    #expect(heard[0].values("tracestate") == ["a=1"])
    #expect(heard[0]["traceparent"]?.prefix(36) == caller.prefix(36))
    #expect(
      client.attributes == [
        SpanAttribute("rpc.system", "grpc"), SpanAttribute("rpc.service", "test.Logic"),
        SpanAttribute("rpc.method", "Decide"), SpanAttribute("server.address", "logic"),
        SpanAttribute("server.port", .number(1737)),
        SpanAttribute("rpc.grpc.status_code", .number(0)),
      ])
  }

  @Test func callersNoGoesOnAsItCame() async throws {
    let no = caller.dropLast(2) + "00"
    let heard = try await call(rate: 1, ["traceparent": String(no), "tracestate": "a=1"])
    #expect(spans.isEmpty)
    #expect(heard[0].values("traceparent") == [String(no)])
    #expect(heard[0].values("tracestate") == ["a=1"])
  }

  @Test func whatTheRateLeavesOutIsSaidToBeLeftOut() async throws {
    let heard = try await call(rate: 0, [:], times: 2)
    #expect(spans.isEmpty)
    #expect(heard.compactMap { $0["traceparent"]?.hasSuffix("-00") } == [true, true])
  }

  @Test(
    arguments: [
      ["traceparent": "00-1-2-01", "tracestate": "a=1"],
      [
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203332-01",
      ],
    ] as [Metadata]) func traceThatCannotBeReadBeginsAnew(_ metadata: Metadata) async throws
  {
    let heard = try await call(rate: 1, metadata)
    #expect(spans.map(\.parent).contains(nil) && spans.count == 2)
    #expect(heard[0].values("traceparent") == [spans[0].context.traceparent])
    #expect(heard[0].values("tracestate") == [])
  }

  @Test func callsBeyondTheBoundAreNotRecordedAnywhere() async throws {
    let heard = try await call(rate: 1, [:], times: 100)
    #expect(spans.count == 17)
    let flags = heard.compactMap { $0["traceparent"]?.suffix(2) }
    #expect(flags == Array(repeating: "01", count: 16) + Array(repeating: "00", count: 84))
  }

  /// OpenTelemetry's conventions for RPC: a caller's mistake is no error of the server.
  @Test(arguments: [
    (RPCStatus.Code.failedPrecondition, true, false), (.unavailable, true, true),
  ]) func statusDecidesWhatFailed(
    _ code: RPCStatus.Code, _ clientFailed: Bool, _ serverFailed: Bool
  ) async throws {
    await #expect(throws: RPCStatus.self) { try await call(rate: 1, [:], failing: code) }
    #expect(spans.map(\.isFailed) == [clientFailed, serverFailed])
    for span in spans {
      #expect(
        span.attributes.last
          == SpanAttribute("rpc.grpc.status_code", .number(Int64(code.rawValue))))
    }
  }
}
