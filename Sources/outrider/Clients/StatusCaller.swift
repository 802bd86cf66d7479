import EventModel
import RPC
import RPCTransport
import SidecarRuntime
import Sidecars
import Timing
import Wire

/// Asks several addresses for their status, concurrently.
struct StatusCaller {
  /// A process answers within a second, even if parts of it are away.
  private static let patience = Duration.seconds(3)
  private static let get = Method(service: "outrider.v1.Status", name: "Get")

  let deployment: Deployment
  let options: ClientOptions

  /// The answers in the order of the addresses, one for each process.
  func ask(_ addresses: [String]) async throws -> [StatusAnswer] {
    let loops = try EventLoops.starting(threads: 1)
    var settings = HTTP2ChannelConfiguration()
    settings.tls = try deployment.clientTLS()
    let channels = try addresses.map { text in
      let target = try Deployment.address(text, of: "an address")
      return (
        HTTP2Channel(to: target, settings, on: loops), try deployment.metadata(for: target)
      )
    }
    let deadline = min(options.deadline, Self.patience)
    let answers = await withTaskGroup(of: (Int, StatusAnswer).self) { group in
      for (index, address) in addresses.enumerated() {
        let (channel, metadata) = channels[index]
        group.addTask {
          let call = CallOptions(metadata: metadata, deadline: .after(deadline))
          return (index, StatusAnswer(address: address, await Self.ask(channel, call)))
        }
      }
      return await group.reduce(into: [(Int, StatusAnswer)]()) { $0.append($1) }
    }
    for (channel, _) in channels { await channel.close() }
    try? await loops.shutdown()
    return answers.sorted { $0.0 < $1.0 }.map(\.1).eachProcessOnce
  }

  private static func ask(
    _ channel: HTTP2Channel, _ call: CallOptions
  ) async -> StatusAnswer.Outcome {
    let environment = Environment.live
    let (before, began) = (environment.now(), environment.instant())
    do {
      let answer = try await channel.unary(get, OutriderV1.GetStatusRequest().wireBytes, call)
      let status = try OutriderV1.ProcessStatus(wireBytes: answer)
      // The process read its clock somewhere in between, so the error is half the latency.
      let latency = environment.instant() - began
      return .status(
        status,
        clock: .init(
          offset: status.now.duration(since: before) - latency / 2,
          error: latency / 2 + .milliseconds(1)))
    } catch let status as RPCStatus {
      let isAway = [.unavailable, .deadlineExceeded, .cancelled].contains(status.code)
      return isAway ? .unreachable("\(status)") : .refused("\(status)")
    } catch {
      return .refused("what it answers is not understood: \(error)")
    }
  }
}

extension [StatusAnswer] {
  /// Drops further answers of the same process.
  fileprivate var eachProcessOnce: [StatusAnswer] {
    var seen: Set<Name> = []
    return filter { answer in
      guard case .status(let status, _) = answer.outcome else { return true }
      return seen.insert(status.process).inserted
    }
  }
}
