import EventModel
import RPC
import SidecarConfiguration
import Timing
import Wire

/// Code of the team that a role calls.
struct LogicUse: Hashable {
  let address: LogicAddress
  /// For operators.
  let purpose: String

  init(of address: LogicAddress, for purpose: String) {
    (self.address, self.purpose) = (address, purpose)
  }
}

/// Checks that the team's code answers, even if only that it has no health service.
final class LogicLook: Sendable {
  private struct Look: Sendable {
    let refusal: RPCStatus?
    let latency: Duration
  }

  private let use: LogicUse
  private let question: Question<Look>

  init(at use: LogicUse, _ channel: any RPCChannel, environment: Environment = .live) {
    self.use = use
    question = Question(environment: environment) {
      let began = environment.instant()
      let options = CallOptions(deadline: .after(StatusBoard.patience * 9 / 10))
      do throws(RPCStatus) {
        _ = try await channel.unary(LogicProbe.check, [], options)
        return Look(refusal: nil, latency: environment.instant() - began)
      } catch {
        let answered = ![.unavailable, .deadlineExceeded, .cancelled].contains(error.code)
        return Look(refusal: answered ? nil : error, latency: environment.instant() - began)
      }
    }
  }

  func status(within patience: Duration) async -> OutriderV1.LogicStatus {
    var status = OutriderV1.LogicStatus(address: "\(use.address)", purpose: use.purpose)
    switch await question.outcome(within: patience) {
    case .answered(let look):
      status.isReachable = look.refusal == nil
      status.isSlow = look.refusal?.code == .deadlineExceeded
      status.error = look.refusal?.message ?? ""
      status.latency = look.latency
    case .pending(let waiting, _):
      status.isSlow = true
      status.error = "no answer for \(waiting.components.seconds) s"
    }
    return status
  }
}
