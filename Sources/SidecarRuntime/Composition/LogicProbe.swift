import Logging
import RPC

/// Finds out whether logic that was started beside Outrider serves yet.
struct LogicProbe: Sendable {
  private static let check = Method(service: "grpc.health.v1.Health", name: "Check")

  let address: Endpoint
  let channel: any RPCChannel
  let logger: Logger

  /// Waits until the logic answers a call in any way, if only that it knows no health service; or
  /// until the task is cancelled.
  func waitUntilServing() async {
    while !Task.isCancelled {
      let patience = CallOptions(deadline: .after(.seconds(5)), waitForReady: true)
      do {
        _ = try await channel.unary(Self.check, [], patience)
        return
      } catch {
        switch error.code {
        case .cancelled: return
        case .unavailable, .deadlineExceeded:
          logger.notice(
            "the logic does not serve yet; commands wait for it",
            metadata: ["address": "\(address)"])
        default: return
        }
      }
    }
  }
}
