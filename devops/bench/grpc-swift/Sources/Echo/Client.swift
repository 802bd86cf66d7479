import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Keeps so many unary calls in flight on each of so many connections, and prints what it measured
/// as JSON.
func load(port: Int, connections: Int, inFlight: Int, seconds: Int) async throws {
  let tally = Tally()
  try await withThrowingTaskGroup(of: Void.self) { group in
    for _ in 0..<connections {
      let client = GRPCClient(
        transport: try .http2NIOPosix(
          target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext))
      group.addTask { try await client.runConnections() }
      group.addTask {
        try await withThrowingTaskGroup(of: Void.self) { calls in
          for _ in 0..<inFlight {
            calls.addTask {
              while !tally.isStopping.load(ordering: .relaxed) {
                try await say(client)
                tally.answered.add(1, ordering: .relaxed)
              }
            }
          }
          try await calls.waitForAll()
        }
        client.beginGracefulShutdown()
      }
    }
    try await Task.sleep(for: .seconds(1))
    let (before, cpu, begin) = (
      tally.answered.load(ordering: .relaxed), cpuSeconds(), ContinuousClock.now
    )
    try await Task.sleep(for: .seconds(seconds))
    let count = Double(tally.answered.load(ordering: .relaxed) - before)
    let (used, elapsed) = (cpuSeconds() - cpu, begin.duration(to: .now) / .seconds(1))
    tally.isStopping.store(true, ordering: .relaxed)
    try await group.waitForAll()
    print(#"{"per_second": \#(count / elapsed), "client_cpu_us": \#(used / count * 1e6)}"#)
  }
}

private func say(_ client: GRPCClient<HTTP2ClientTransport.Posix>) async throws {
  try await client.unary(
    request: ClientRequest(message: [UInt8](repeating: 0, count: 100)),
    descriptor: MethodDescriptor(fullyQualifiedService: "echo.Echo", method: "Say"),
    serializer: Raw(), deserializer: Raw(), options: .defaults
  ) { _ = try $0.message }
}

/// The processor time that this process has used.
private func cpuSeconds() -> Double {
  var used = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
  return Double(used.tv_sec) + Double(used.tv_nsec) / 1e9
}

private final class Tally: Sendable {
  let answered = Atomic(0)
  let isStopping = Atomic(false)
}
