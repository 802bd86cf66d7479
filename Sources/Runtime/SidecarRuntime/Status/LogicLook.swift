import EventModel
import RPC
import SidecarConfiguration
import Timing
import Wire

/// Checks that the team's code answers, even if only that it has no health service.
final class LogicLook: Sendable {
  private struct Look: Sendable {
    let refusal: RPCStatus?
    let latency: Duration
  }

  let address: String
  let purpose: String
  private let question: Question<Look>

  init(
    at address: LogicAddress, for purpose: String, _ channel: any RPCChannel,
    environment: Environment = .live
  ) {
    self.address = "\(address)"
    self.purpose = purpose
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
    var status = OutriderV1.LogicStatus(address: address, purpose: purpose)
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

extension Configuration {
  /// The team's code that processes of these roles call, each once for each purpose.
  func logicLooks(of roles: Set<Role>, _ channels: Channels) -> [LogicLook] {
    var looks: [LogicLook] = []
    func add(_ address: LogicAddress, _ purpose: String) {
      if looks.contains(where: { $0.address == "\(address)" && $0.purpose == purpose }) { return }
      looks.append(LogicLook(at: address, for: purpose, channels.channel(to: address)))
    }
    for domain in domains {
      if roles.contains(.commandHandler) {
        add(domain.logic, "business logic" + (domain.name.map { " of \($0)" } ?? ""))
      }
      if roles.contains(.projector) {
        for projector in domain.projectors {
          add(LogicAddress(projector.logic), projector.name.text)
        }
      }
    }
    if roles.contains(.saga) {
      for saga in sagas {
        if let logic = saga.remoteLogic { add(LogicAddress(logic), saga.name.text) }
      }
    }
    return looks
  }
}
