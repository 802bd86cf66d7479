import EventSourcing
import ServiceLifecycle

/// Runs the subscriptions of this process, until it shuts down.
final class SubscriptionService: ServiceLifecycle.Service {
  private let started: AsyncStream<Subscription>
  private let starting: AsyncStream<Subscription>.Continuation

  init() { (started, starting) = AsyncStream.makeStream() }

  /// Runs one more.
  func start(_ subscription: Subscription) { starting.yield(subscription) }

  func run() async {
    await cancelWhenGracefulShutdown { [started] in
      await withDiscardingTaskGroup { group in
        for await subscription in started { group.addTask { await subscription.run() } }
        group.cancelAll()
      }
    }
  }
}
