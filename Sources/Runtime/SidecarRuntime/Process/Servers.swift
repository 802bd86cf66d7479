import HTTP1
import RPC
import RPCTransport
import ServiceLifecycle
import SidecarConfiguration
import Sidecars

/// Runs the roles' servers. Reports SERVING once store and logic are ready, NOT_SERVING while
/// started logic is down. At shutdown drains the calls.
struct Servers: ServiceLifecycle.Service {
  struct Server: Sendable {
    let role: Role
    let server: any RoleServer
    let health: HealthTable
    let address: Address
  }

  let servers: [Server]
  let store: StoreProbe
  /// Registered before the process is SERVING.
  let schemas: DomainSchemas
  /// Must serve before this process is SERVING.
  let logic: [LogicProbe]
  let drainTimeout: Duration
  /// Other listeners and their addresses.
  let others: [(name: String, address: Address)]
  let report: @Sendable (SidecarProcess.Progress) async -> Void

  func run() async throws {
    await report(.listening(servers.map { ($0.role.rawValue, $0.address) } + others))
    try await cancelWhenGracefulShutdown {
      try await store.waitUntilServing()
      try await schemas.registerAll()
      while !Task.isCancelled {
        for probe in logic { await probe.waitUntilServing() }
        if Task.isCancelled { return }
        for server in servers { server.health.setAll(.serving) }
        await report(.ready)
        await waitUntilLogicFails()
        for server in servers { server.health.setAll(.notServing) }
      }
    }
    try? await gracefulShutdown()
    for server in servers { server.health.end() }
    await withDiscardingTaskGroup { group in
      for server in servers {
        group.addTask { await server.server.shutdown(grace: drainTimeout) }
      }
    }
  }

  /// Returns when a program keeps dying, or if the task is cancelled.
  private func waitUntilLogicFails() async {
    let (failures, report) = AsyncStream<Void>.makeStream()
    for probe in logic { probe.process.onFailing { report.yield() } }
    for await _ in failures { return }
  }
}

/// The server of a role: gRPC or HTTP/1.1.
protocol RoleServer: Sendable {
  /// The number of open connections.
  var connectionCount: Int { get }

  /// Refuses new calls, lets running ones end within the grace, and closes.
  func shutdown(grace: Duration) async
}

extension RPCServer: RoleServer {}
extension HTTPServer: RoleServer {}

/// Ends consumers' calls at shutdown, before the servers drain other calls.
struct ConsumerEnding: ServiceLifecycle.Service {
  let calls: ConsumerCalls

  func run() async throws {
    try? await gracefulShutdown()
    calls.end()
  }
}
