import RPC
import RPCTransport
import ServiceLifecycle
import Sidecars

/// The roles' servers: they listen already when this starts, say that they are ready when store and
/// logic are, serve until the process shuts down, and then let the calls under way end.
struct Servers: ServiceLifecycle.Service {
  struct Server: Sendable {
    let role: Role
    let server: RPCServer
    let health: HealthTable
    let address: Address
  }

  let servers: [Server]
  let store: StoreProbe
  /// The logic that must serve before this process says that it does.
  let logic: [LogicProbe]
  let drainTimeout: Duration
  /// Where metrics are served; nil: nowhere.
  let metrics: Address?
  let report: @Sendable (SidecarProcess.Progress) async -> Void

  func run() async throws {
    await report(.listening(servers.map { ($0.role, $0.address) }, metrics: metrics))
    try await cancelWhenGracefulShutdown {
      try await store.waitUntilServing()
      for probe in logic { await probe.waitUntilServing() }
      if Task.isCancelled { return }
      for server in servers { server.health.setAll(.serving) }
      await report(.ready)
    }
    try? await gracefulShutdown()
    for server in servers { server.health.setAll(.notServing) }
    await withDiscardingTaskGroup { group in
      for server in servers {
        group.addTask { await server.server.shutdown(grace: drainTimeout) }
      }
    }
  }
}
