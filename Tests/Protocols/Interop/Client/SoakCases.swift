import InteropMessages
import RPC

/// What the soak cases are told by flags.
struct SoakSetting: Sendable {
  let iterations: Int
  let failuresMax: Int
  /// A call that takes longer counts as failed.
  let latencyMax: Duration
  let timeout: Duration
  let pause: Duration

  init(_ flags: Flags) throws {
    iterations = try flags.int("soak_iterations")
    failuresMax = try flags.int("soak_max_failures")
    latencyMax = .milliseconds(try flags.int("soak_per_iteration_max_acceptable_latency_ms"))
    timeout = .seconds(try flags.int("soak_overall_timeout_seconds"))
    pause = .milliseconds(try flags.int("soak_min_time_ms_between_rpcs"))
  }
}

extension TestCase {
  static let soak: [String: Run] = [
    "rpc_soak": { setting in
      try await soak(setting) { try await largeUnary(setting.channel) }
    },
    "channel_soak": { setting in
      try await soak(setting) {
        let channel = setting.newChannel()
        try await largeUnary(channel)
        await channel.close()
      }
    },
  ]

  private static func soak(
    _ setting: Setting, _ iteration: () async throws -> Void
  ) async throws {
    let soak = setting.soak
    let clock = ContinuousClock()
    let end = clock.now + soak.timeout
    var latencies: [Duration] = []
    var failures: [String] = []
    for number in 0..<soak.iterations where clock.now < end {
      do {
        latencies.append(try await clock.measure(iteration))
        if latencies[latencies.count - 1] > soak.latencyMax {
          failures.append("\(number): took \(latencies[latencies.count - 1])")
        }
      } catch {
        failures.append("\(number): \(error)")
      }
      if soak.pause > .zero { try await Task.sleep(for: soak.pause) }
    }
    latencies.sort()
    if let median = latencies.dropFirst(latencies.count / 2).first, let most = latencies.last {
      print("\(latencies.count) iterations, median \(median), most \(most)")
    }
    try expect(
      latencies.count + failures.count >= soak.iterations,
      "only \(latencies.count) of \(soak.iterations) iterations ended within \(soak.timeout)")
    try expect(failures.count <= soak.failuresMax, "iterations failed: \(failures)")
  }
}
