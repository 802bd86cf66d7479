import Metrics
import RPC
import SidecarConfiguration
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(5))) struct CallMetricsTests {
  private let metrics = CallMetrics()
  private let method = Method(service: "test.Test", name: "Do")

  /// The lines that begin so, without those of single buckets.
  private func lines(_ prefix: String) -> [String] {
    var exposition = Exposition()
    metrics.write(to: &exposition)
    return exposition.text.split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix(prefix) && !$0.contains("_bucket{") }
  }

  private func channel(
    _ handle: @escaping @Sendable (ServerContext) async throws -> Void
  ) -> InProcessChannel {
    let service = Service(
      "test.Test",
      [
        "Do": .unary { message, context in
          try await handle(context)
          return message
        }
      ])
    return InProcessChannel([service.observed(byEach: metrics.server)])
  }

  @Test func serverCountsEachCallByItsStatus() async {
    let channel = channel { context in
      switch context.metadata["do"] {
      case "refuse": throw RPCStatus(.failedPrecondition, "no")
      case "crash": throw StrangeError()
      default: break
      }
    }
    for what in ["refuse", "work", "crash", "work"] {
      _ = try? await channel.unary(method, [], CallOptions(metadata: ["do": what]))
    }
    _ = try? await channel.unary(Method(service: "test.Test", name: "Unknown"), [])
    #expect(
      lines("grpc_server_call_started_total")
        == ["grpc_server_call_started_total{grpc_method=\"test.Test/Do\"} 4"])
    #expect(
      lines("grpc_server_call_duration_seconds_count")
        == [
          ("OK", 2), ("UNKNOWN", 1), ("FAILED_PRECONDITION", 1),
        ].map { status, count in
          "grpc_server_call_duration_seconds_count"
            + "{grpc_method=\"test.Test/Do\",grpc_status=\"\(status)\"} \(count)"
        })
  }

  private struct StrangeError: Error {}

  @Test func callUnderWayIsOnlyStarted() async throws {
    let channel = channel { [metrics] _ in
      var exposition = Exposition()
      metrics.write(to: &exposition)
      #expect(exposition.text.contains("started_total{grpc_method=\"test.Test/Do\"} 1\n"))
      #expect(!exposition.text.contains("duration"))
    }
    _ = try await channel.unary(method, [])
  }

  @Test func lateAnswerIsADeadlineThatPassed() async {
    let channel = channel { _ in
      let (stream, continuation) = AsyncStream<Void>.makeStream()
      for await _ in stream {}
      continuation.finish()
    }
    _ = try? await channel.unary(
      method, [], CallOptions(deadline: .after(.milliseconds(20))))
    await channel.close()
    // The handler ends after its caller was answered.
    while lines("grpc_server_call_duration_seconds_count").isEmpty { await Task.yield() }
    #expect(
      lines("grpc_server_call_duration_seconds_count") == [
        "grpc_server_call_duration_seconds_count"
          + "{grpc_method=\"test.Test/Do\",grpc_status=\"DEADLINE_EXCEEDED\"} 1"
      ])
  }

  @Test func clientCountsByTargetAndMethod() async {
    let service = Service("test.Test", ["Do": .unary { message, _ in message }])
    let inner = InProcessChannel([service])
    let local = Endpoint.tcp(host: "127.0.0.1", port: 1737)
    for endpoint in [local, local, .unix(path: "/run/logic")] {
      let channel = InterceptedChannel(inner, [metrics.client(endpoint)])
      _ = try? await channel.unary(method, [])
      _ = try? await channel.unary(Method(service: "test.Test", name: "Unknown"), [])
    }
    let name = "grpc_client_attempt_duration_seconds_count"
    func line(_ method: String, _ target: String, _ status: String, _ count: Int) -> String {
      "\(name){grpc_method=\"test.Test/\(method)\",grpc_target=\"\(target)\","
        + "grpc_status=\"\(status)\"} \(count)"
    }
    #expect(
      lines(name) == [
        line("Do", "dns:///127.0.0.1:1737", "OK", 2),
        line("Unknown", "dns:///127.0.0.1:1737", "UNIMPLEMENTED", 2),
        line("Do", "unix:/run/logic", "OK", 1),
        line("Unknown", "unix:/run/logic", "UNIMPLEMENTED", 1),
      ])
    #expect(lines("grpc_client_attempt_started_total").count == 4)
  }

  @Test func oneMethodIsOneMeterForAllThreads() async {
    let client = metrics.client(.unix(path: "/run/logic"))
    await withDiscardingTaskGroup { group in
      for index in 0..<64 {
        group.addTask {
          let method = Method(service: "test.Test", name: "M\(index % 8)")
          let meter = client.meter(of: method)
          meter.end(.ok, since: meter.begin())
        }
      }
    }
    #expect(client.meters.count == 8)
    #expect(client.meters.allSatisfy { $0.meter.startedCount == 8 })
  }

  @Test func targetsBeyondTheLimitAreOne() {
    for port in 1...CallMetrics.targetsMax + 5 {
      let meter = metrics.client(.tcp(host: "logic", port: port)).meter(of: method)
      meter.end(.ok, since: meter.begin())
    }
    let started = lines("grpc_client_attempt_started_total")
    #expect(started.count == CallMetrics.targetsMax + 1)
    #expect(started.contains { $0.contains("grpc_target=\"other\"") && $0.hasSuffix(" 5") })
  }
}
