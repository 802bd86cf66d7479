import Synchronization
import Timing

/// Retries unary calls after temporary failures. Streaming calls pass through: sent messages are
/// not kept.
public final class RetryingChannel: RPCChannel {
  private let channel: any RPCChannel
  private let policy: RetryPolicy
  private let budget: Mutex<RetryBudget>

  public init(_ channel: any RPCChannel, _ policy: RetryPolicy = RetryPolicy()) {
    self.channel = channel
    self.policy = policy
    budget = Mutex(RetryBudget(policy))
  }

  public func unary(
    _ method: Method, _ request: Message, _ options: CallOptions
  ) async throws(RPCStatus) -> Message {
    var state = RetryState(policy)
    while true {
      do throws(RPCStatus) {
        let response = try await channel.unary(method, request, options)
        budget.withLock { $0.succeeded() }
        return response
      } catch {
        guard let delay = delay(after: error, &state, options) else { throw error }
        do { try await Environment.live.sleep(delay) } catch { throw .taskCancelled }
      }
    }
  }

  public func stream(
    _ method: Method, _ options: CallOptions
  ) async throws(RPCStatus) -> ClientCall {
    try await channel.stream(method, options)
  }

  public func close() async { await channel.close() }

  private func delay(
    after status: RPCStatus, _ state: inout RetryState, _ options: CallOptions
  ) -> Duration? {
    guard policy.codes.contains(status.code) else { return nil }
    guard budget.withLock({ $0.allowsRetry() }),
      let delay = state.next(after: status, random: Environment.live.random())
    else { return nil }
    if let remaining = options.deadline.remaining, remaining <= delay { return nil }
    return delay
  }
}
