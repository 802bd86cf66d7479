import RPC
import RPCTransport
import ServiceLifecycle
import Sidecars

/// The roles' servers: they listen already when this starts, say that they are ready, serve until
/// the process shuts down, and then let the calls under way end.
struct Servers: ServiceLifecycle.Service {
  struct Server: Sendable {
    let role: Role
    let server: RPCServer
    let health: HealthTable
    let address: Address
  }

  let servers: [Server]
  let drainTimeout: Duration
  let onReady: @Sendable ([(role: Role, address: Address)]) async -> Void

  func run() async throws {
    for server in servers { server.health.setAll(.serving) }
    await onReady(servers.map { ($0.role, $0.address) })
    try? await gracefulShutdown()
    for server in servers { server.health.setAll(.notServing) }
    await withDiscardingTaskGroup { group in
      for server in servers {
        group.addTask { await server.server.shutdown(grace: drainTimeout) }
      }
    }
  }
}
