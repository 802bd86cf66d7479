import EventModel
import EventSourcing
import Logging
import SidecarConfiguration
import Timing

/// Detects when the store answers and is usable.
struct StoreProbe: Sendable {
  let storage: any Storage
  /// Domains served by name. Existing ones are opened here, so that damage shows before the first
  /// command.
  let domains: [Name]
  let logger: Logger
  let interval = Duration.seconds(1)

  /// Waits until the store answers or the task is cancelled. Throws if waiting would not help.
  func waitUntilServing() async throws {
    while !Task.isCancelled {
      do throws(StorageError) {
        _ = try await storage.domains()
        for domain in domains { _ = try await storage.domain(domain) }
        return
      } catch {
        if error.code != .unavailable { throw SidecarError("the store cannot be used", error) }
        logger.error(
          "the store does not answer yet; commands are refused until it does",
          metadata: ["error": "\(error)"])
        try? await Environment.live.sleep(interval)
      }
    }
  }
}
