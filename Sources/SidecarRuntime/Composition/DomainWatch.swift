import EventSourcing
import Logging
import ServiceLifecycle
import Sidecars

/// Starts what follows each domain's log: of the configured domains at once, and where every domain
/// is served, of those that come to exist, also by another process's hand.
struct DomainWatch: ServiceLifecycle.Service {
  let storage: any Storage
  let projecting: ServedDomains<ProjectingDomain>
  let logger: Logger
  /// How long a new domain may go unseen.
  let interval = Duration.seconds(1)

  func run() async {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await startAll()
        try? await ContinuousClock().sleep(for: interval)
      }
    }
  }

  private func startAll() async {
    do {
      let domains = if let names = projecting.names { names } else { try await storage.domains() }
      for domain in domains {
        _ = try await projecting.serving(domain)
      }
    } catch {
      let reason = (error as? StorageError)?.message ?? "\(error)"
      logger.error("a domain cannot be followed, trying again", metadata: ["error": "\(reason)"])
    }
  }
}
