import RPC
import RPCTransport
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Unary calls of 100 bytes to an `echo-server`, for measuring: `echo-client ADDRESS CONNECTIONS
/// IN-FLIGHT SECONDS [THREADS]`, with so many calls in flight on each connection. Prints what it
/// measured as JSON.
@main struct EchoClient {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 5, let connections = Int(arguments[2]),
      let inFlight = Int(arguments[3]),
      let seconds = Double(arguments[4])
    else {
      print("usage: echo-client ADDRESS CONNECTIONS IN-FLIGHT SECONDS [THREADS]")
      exit(2)
    }
    let address = try Address(arguments[1])
    FreedMemory.keep()
    let loops = EventLoops(threads: arguments.count > 5 ? Int(arguments[5]) ?? 1 : 1)
    let tally = Tally()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<connections {
        // Tasks that run on the loop of their connection never hop, as in a sidecar.
        let channel = HTTP2Channel(to: address, on: loops)
        let executor = loops.executor(of: loops.group.next())
        for _ in 0..<inFlight {
          group.addTask(executorPreference: executor) {
            let say = Method(service: "echo.Echo", name: "Say")
            let message = Message(repeating: 0, count: 100)
            while !tally.isStopping.load(ordering: .relaxed) {
              _ = try await channel.unary(say, message)
              tally.answered.add(1, ordering: .relaxed)
            }
          }
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

  /// The processor time that this process has used.
  static func cpuSeconds() -> Double {
    var used = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
    return Double(used.tv_sec) + Double(used.tv_nsec) / 1e9
  }
}

private final class Tally: Sendable {
  let answered = Atomic(0)
  let isStopping = Atomic(false)
}
