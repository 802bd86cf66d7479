import InteropMessages
import RPC
import Synchronization

extension TestCase {
  /// Calls of all kinds, at random and side by side, until the time is over: the load of `make
  /// soak`.
  ///
  /// With `--soak_max_failures=-1` a server that goes away and comes back is no failure.
  static let mixed: [String: Run] = [
    "mixed": { setting in
      let tally = Tally()
      let end = ContinuousClock.now + setting.soak.timeout
      await withDiscardingTaskGroup { group in
        for _ in 0..<8 {
          group.addTask {
            while ContinuousClock.now < end { await once(setting, tally) }
          }
        }
      }
      let result = tally.state.withLock { $0 }
      print("\(result.calls) cases, \(result.unavailable) without a server")
      try expect(result.failures.isEmpty, "\(result.failures)")
    }
  ]

  private final class Tally: Sendable {
    struct State {
      var calls = 0
      var unavailable = 0
      var failures: [String] = []
    }
    let state = Mutex(State())
  }

  /// What may be asked again and again.
  private static let repeated: [(String, Run)] =
    unary.merging(streaming) { $1 }.merging(abandoning) { $1 }
    .filter { $0.key != "slow_consumer" }.map { ($0.key, $0.value) }

  private static func once(_ setting: Setting, _ tally: Tally) async {
    guard let (name, run) = repeated.randomElement() else { return }
    do {
      try await run(setting)
      tally.state.withLock { $0.calls += 1 }
    } catch {
      let isExpected = setting.soak.failuresMax < 0 && "\(error)".contains("UNAVAILABLE")
      tally.state.withLock {
        if isExpected {
          $0.unavailable += 1
        } else if $0.failures.count < 20 {
          $0.failures.append("\(name): \(error)")
        }
      }
      // Without a server there is nothing to be quick for.
      if isExpected { try? await Task.sleep(for: .milliseconds(5)) }
    }
  }

  /// What a caller does that loses interest.
  private static let abandoning: [String: Run] = [
    "forgotten_call": { setting in
      let call = try await setting.channel.stream(TestMethods.fullDuplexCall)
      let request = StreamingOutputCallRequest(responses: [ResponseParameters(size: 50000)])
      for _ in 0..<3 { try await call.send(request.message) }
    },
    "unread_answers": { setting in
      let sizes = Array(repeating: ResponseParameters(size: 20000), count: 50)
      let request = StreamingOutputCallRequest(responses: sizes)
      let call = try await setting.channel.serverStreaming(
        TestMethods.streamingOutputCall, request.message)
      var answers = call.responses.makeAsyncIterator()
      _ = try await answers.next()
    },
    "cancelled_task": { setting in
      let task = Task {
        let wanted = ResponseParameters(size: 10, interval: .seconds(5))
        let call = try await setting.channel.serverStreaming(
          TestMethods.streamingOutputCall,
          StreamingOutputCallRequest(responses: [wanted]).message)
        for try await _ in call.responses {}
      }
      task.cancel()
      try await expect(.cancelled, "a call of a cancelled task") { try await task.value }
    },
    "short_channel": { setting in
      let channel = setting.newChannel()
      do { _ = try await channel.unary(TestMethods.emptyCall, []) } catch {
        await channel.close()
        throw error
      }
      await channel.close()
    },
  ]
}
