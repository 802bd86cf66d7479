import Metrics

/// A source of figures for the metrics page.
package protocol Measured: Sendable {
  func write(to exposition: inout Exposition) async
}

/// All metrics of this process.
package struct MetricsPage: Sendable {
  package let calls: CallMetrics
  private let subscriptions: SubscriptionMetrics
  private let histories: HistoryMetrics
  private let process: ProcessMetrics
  private let others: [any Measured]

  /// - Parameter others: further sources, in the order of the page.
  package init(
    version: String, calls: CallMetrics, subscriptions: SubscriptionMetrics,
    histories: HistoryMetrics, others: [any Measured]
  ) {
    self.calls = calls
    self.subscriptions = subscriptions
    self.histories = histories
    self.others = others
    process = ProcessMetrics(version: version)
  }

  /// - Parameter connections: open connections by role.
  package func text(connections: [(role: String, count: Int)]) async -> String {
    var exposition = Exposition()
    calls.write(to: &exposition)
    exposition.family("outrider_connections", .gauge, "Connections that are open.") { family in
      for (role, count) in connections { family.add(UInt64(count), ["role": role]) }
    }
    await subscriptions.write(to: &exposition)
    histories.write(to: &exposition)
    for other in others { await other.write(to: &exposition) }
    process.write(to: &exposition)
    return exposition.text
  }
}
