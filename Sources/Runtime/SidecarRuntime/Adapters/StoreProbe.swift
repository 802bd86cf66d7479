import EventModel
import EventSourcing
import Logging
import SidecarConfiguration
import Timing

/// Finds out whether the store answers yet, and can be used as it is.
struct StoreProbe: Sendable {
  let storage: any Storage
  /// The domains that are served by name: those that exist are opened here, so that what is wrong
  /// with one is known before the first command.
  let domains: [Name]
  let logger: Logger
  let interval = Duration.seconds(1)

  /// Waits until the store answers, or the task is cancelled. Throws where no waiting would help.
  func waitUntilServing() async throws {
    while !Task.isCancelled {
      do throws(StorageError) {
        _ = try await storage.domains()
        for domain in domains { _ = try await storage.domain(domain) }
        return
      } catch {
        if error.code != .unavailable {
          throw SidecarError("the store cannot be used: \(error)")
        }
        logger.error(
          "the store does not answer yet; commands are refused until it does",
          metadata: ["error": "\(error)"])
        try? await Environment.live.sleep(interval)
      }
    }
  }
}
