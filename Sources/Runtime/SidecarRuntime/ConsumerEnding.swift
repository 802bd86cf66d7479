import ServiceLifecycle
import Sidecars

/// Ends the calls of consumers when the process shuts down, before its servers wait for the calls
/// under way.
struct ConsumerEnding: ServiceLifecycle.Service {
  let calls: ConsumerCalls

  func run() async throws {
    try? await gracefulShutdown()
    calls.end()
  }
}
