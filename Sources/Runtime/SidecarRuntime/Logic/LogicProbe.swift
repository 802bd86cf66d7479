import Logging
import LogicProcesses
import RPC
import SidecarConfiguration
import Timing

/// Detects when logic that was started beside Outrider serves.
struct LogicProbe: Sendable {
  static let check = Method(service: "grpc.health.v1.Health", name: "Check")

  let address: LogicAddress
  let process: LogicProcess
  let channel: any RPCChannel
  let logger: Logger
  let interval = Duration.seconds(1)

  /// Waits until the logic answers a call in any way, even that it has no health service. The same
  /// process must run before and after the call, so no other server's answer counts. Returns early
  /// if the task is cancelled.
  func waitUntilServing() async {
    while !Task.isCancelled {
      let pid = process.pid
      if await isAnswered(), pid != nil, pid == process.pid { return }
      logger.notice(
        "the logic does not serve yet; commands wait for it", metadata: ["address": "\(address)"])
      if process.pid == nil { try? await Environment.live.sleep(interval) }
    }
  }

  private func isAnswered() async -> Bool {
    let patience = CallOptions(deadline: .after(.seconds(5)), waitForReady: true)
    do {
      _ = try await channel.unary(Self.check, [], patience)
      return true
    } catch {
      return ![.unavailable, .deadlineExceeded, .cancelled].contains(error.code)
    }
  }
}
