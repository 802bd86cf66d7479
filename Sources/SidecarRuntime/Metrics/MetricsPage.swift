import Metrics

/// All that is measured in this process.
struct MetricsPage: Sendable {
  let calls = CallMetrics()
  let subscriptions = SubscriptionMetrics()
  let histories = HistoryMetrics()
  private let writes: StoreWatch
  private let process: ProcessMetrics

  init(version: String, writes: StoreWatch) {
    self.writes = writes
    process = ProcessMetrics(version: version)
  }

  func text(_ servers: [Servers.Server]) async -> String {
    var exposition = Exposition()
    calls.write(to: &exposition)
    exposition.family("outrider_connections", .gauge, "Connections that are open.") { family in
      for server in servers {
        family.add(UInt64(server.server.connectionCount), ["role": server.role.rawValue])
      }
    }
    await subscriptions.write(to: &exposition)
    histories.write(to: &exposition)
    writes.write(to: &exposition)
    process.write(to: &exposition)
    return exposition.text
  }
}
