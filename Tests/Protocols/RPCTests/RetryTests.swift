import Synchronization
import Testing
import Timing

@testable import RPC

@Suite(.timeLimit(.minutes(5))) struct RetryTests {
  static func pushback(_ value: String) -> RPCStatus {
    var status = RPCStatus(.unavailable)
    Array("grpc-retry-pushback-ms".utf8).withUnsafeBufferPointer { name in
      Array(value.utf8).withUnsafeBufferPointer {
        status.metadata.appendUnchecked(name: name, value: $0)
      }
    }
    return status
  }

  @Test func delaysGrowUntilTheAttemptsAreUsedUp() {
    var policy = RetryPolicy()
    policy.backoff = Backoff(
      from: .milliseconds(100), upTo: .milliseconds(150), spread: 1...1)
    var state = RetryState(policy)
    let status = RPCStatus(.unavailable)
    let delays = (0..<4).map { _ in state.next(after: status, random: .max) }
    #expect(delays == [.milliseconds(100), .milliseconds(150), .milliseconds(150), nil])
  }

  @Test func otherFailuresAreFinal() {
    var state = RetryState(RetryPolicy())
    let delay = state.next(after: RPCStatus(.invalidArgument), random: .max)
    #expect(delay == nil)
  }

  @Test func serverSaysWhen() {
    var state = RetryState(RetryPolicy())
    let later = state.next(after: Self.pushback("1500"), random: 0)
    let never = state.next(after: Self.pushback("-1"), random: 0)
    #expect(later == .milliseconds(1500))
    #expect(never == nil)
  }

  @Test func budgetIsSpentByFailuresAndEarnedBySuccesses() {
    var budget = RetryBudget(RetryPolicy())
    let allowed = (0..<6).map { _ in budget.allowsRetry() }
    #expect(allowed == [true, true, true, true, false, false])
    for _ in 0..<30 { budget.succeeded() }
    let isAllowed = budget.allowsRetry()
    #expect(isAllowed)
  }

  /// Fails so many times before it answers; counts the calls.
  private func channel(failures: Int, _ calls: Calls) -> RetryingChannel {
    let service = Service(
      "test.Test",
      [
        "Try": .unary { message, _ in
          guard calls.add() > failures else { throw RPCStatus(.unavailable, "not yet") }
          return message
        }
      ])
    var policy = RetryPolicy()
    policy.backoff = Backoff(from: .zero)
    return RetryingChannel(InProcessChannel([service]), policy)
  }

  final class Calls: Sendable {
    private let count = Mutex(0)
    func add() -> Int {
      count.withLock { count in
        count += 1
        return count
      }
    }
  }

  @Test func callIsMadeAgainUntilItSucceeds() async throws {
    let calls = Calls()
    let answer = try await channel(failures: 3, calls)
      .unary(Method(service: "test.Test", name: "Try"), [7])
    #expect(answer == [7])
    #expect(calls.add() == 5)
  }

  @Test func callIsNotMadeMoreOftenThanAllowed() async throws {
    let calls = Calls()
    let error = await #expect(throws: RPCStatus.self) {
      try await channel(failures: 100, calls)
        .unary(Method(service: "test.Test", name: "Try"), [7])
    }
    #expect(error?.message == "not yet")
    #expect(calls.add() == 5)
  }
}
