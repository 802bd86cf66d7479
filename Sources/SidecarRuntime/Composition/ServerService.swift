import EventSourcing
import Logging
import RPC
import RPCTransport
import ServiceLifecycle
import Sidecars

/// One role's server: listens already when it is made, serves until the process shuts down, then
/// lets the calls under way end.
struct ServerService: ServiceLifecycle.Service {
  let server: RPCServer
  let health: HealthTable
  let drainTimeout: Duration

  func run() async throws {
    health.setAll(.serving)
    try? await gracefulShutdown()
    health.setAll(.notServing)
    await server.shutdown(grace: drainTimeout)
  }
}
