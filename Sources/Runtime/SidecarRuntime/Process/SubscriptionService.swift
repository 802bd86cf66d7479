import EventSourcing
import ServiceLifecycle

/// Runs this process's subscriptions and relays until shutdown.
final class SubscriptionService: ServiceLifecycle.Service {
  typealias Run = @Sendable () async -> Void
  private let started: AsyncStream<Run>
  private let starting: AsyncStream<Run>.Continuation
  private let executor: any TaskExecutor

  /// - Parameter executor: runs their tasks.
  init(on executor: any TaskExecutor) {
    (started, starting) = AsyncStream.makeStream()
    self.executor = executor
  }

  /// Runs one more, until its task is cancelled.
  func start(_ run: @escaping Run) { starting.yield(run) }

  func run() async {
    await cancelWhenGracefulShutdown { [started, executor] in
      await withDiscardingTaskGroup { group in
        for await subscription in started {
          group.addTask(executorPreference: executor) { await subscription() }
        }
        group.cancelAll()
      }
    }
  }
}
