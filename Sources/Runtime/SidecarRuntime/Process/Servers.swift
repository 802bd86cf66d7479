import HTTP1
import RPC
import RPCTransport
import ServiceLifecycle
import SidecarConfiguration
import Sidecars

/// The roles' servers: they listen already when this starts, say that they are ready when store and
/// logic are, and for as long as logic that was started lives, serve until the process shuts down,
/// and then let the calls under way end.
struct Servers: ServiceLifecycle.Service {
  struct Server: Sendable {
    let role: Role
    let server: any RoleServer
    let health: HealthTable
    let address: Address
  }

  let servers: [Server]
  let store: StoreProbe
  /// What must be registered before the process says that it serves.
  let schemas: DomainSchemas
  /// The logic that must serve before this process says that it does.
  let logic: [LogicProbe]
  let drainTimeout: Duration
  /// What else listens, and where.
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

  /// Waits until one of the programs ends again and again, or the task is cancelled.
  private func waitUntilLogicFails() async {
    let (failures, report) = AsyncStream<Void>.makeStream()
    for probe in logic { probe.process.onFailing { report.yield() } }
    for await _ in failures { return }
  }
}

/// What a role is reached by: gRPC, or HTTP/1.1.
protocol RoleServer: Sendable {
  /// How many connections are open.
  var connectionCount: Int { get }

  /// Takes no more, lets what is under way end for up to the grace, and closes.
  func shutdown(grace: Duration) async
}

extension RPCServer: RoleServer {}
extension HTTPServer: RoleServer {}

/// Ends the calls of consumers when the process shuts down, before its servers wait for the calls
/// under way.
struct ConsumerEnding: ServiceLifecycle.Service {
  let calls: ConsumerCalls

  func run() async throws {
    try? await gracefulShutdown()
    calls.end()
  }
}
