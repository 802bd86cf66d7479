import Synchronization

/// The activity of Eventuate's clients, for the metrics.
package final class EventuateActivity: Sendable {
  private let connectionCount = Atomic(0)
  private let subscriptionCount = Atomic(0)
  private let unacknowledgedCount = Atomic(0)
  private let deliveredCount = Atomic<UInt64>(0)

  package init() {}

  /// Open STOMP connections.
  package var connections: Int { connectionCount.load(ordering: .relaxed) }
  /// Their subscriptions.
  package var subscriptions: Int { subscriptionCount.load(ordering: .relaxed) }
  /// Messages that were sent and are not yet acknowledged.
  package var unacknowledged: Int { unacknowledgedCount.load(ordering: .relaxed) }
  /// Messages that were sent.
  package var delivered: UInt64 { deliveredCount.load(ordering: .relaxed) }

  func addConnections(_ change: Int) { connectionCount.wrappingAdd(change, ordering: .relaxed) }
  func addSubscriptions(_ change: Int) {
    subscriptionCount.wrappingAdd(change, ordering: .relaxed)
  }
  func addUnacknowledged(_ change: Int) {
    unacknowledgedCount.wrappingAdd(change, ordering: .relaxed)
  }
  func countDelivered() { deliveredCount.wrappingAdd(1, ordering: .relaxed) }
}
