import ServiceLifecycle
import Sidecars

/// Ends consumers' calls at shutdown, before the servers drain other calls.
struct ConsumerEnding: ServiceLifecycle.Service {
  let calls: ConsumerCalls

  func run() async throws {
    try? await gracefulShutdown()
    calls.end()
  }
}
