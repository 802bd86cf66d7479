import EventSourcing
import ServiceLifecycle

/// Runs the subscriptions and relays of this process, until it shuts down.
final class SubscriptionService: ServiceLifecycle.Service {
  typealias Run = @Sendable () async -> Void
  private let started: AsyncStream<Run>
  private let starting: AsyncStream<Run>.Continuation

  init() { (started, starting) = AsyncStream.makeStream() }

  /// Runs one more: it ends when its task is cancelled.
  func start(_ run: @escaping Run) { starting.yield(run) }

  func run() async {
    await cancelWhenGracefulShutdown { [started] in
      await withDiscardingTaskGroup { group in
        for await subscription in started { group.addTask { await subscription() } }
        group.cancelAll()
      }
    }
  }
}
