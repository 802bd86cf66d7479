import EventModel
import RPC
import SidecarConfiguration

/// Lets calls through whose caller proved who it is, and may make them.
struct PolicyGuard: Sendable {
  /// Empty: whoever proved anything may do everything.
  let policy: Policy

  func decide(on caller: Caller, _ method: Method) -> AdmissionDecision {
    guard caller.proof != .none else {
      return .refused(
        Refusal(
          .unauthenticated, "the call needs a client certificate or an \"authorization: Bearer\""))
    }
    if let timeLeft = caller.timeLeft, timeLeft <= .zero {
      return .refused(
        Refusal(.unauthenticated, "the \(caller.proof) of \(caller) has expired", of: caller))
    }
    if policy.isEmpty { return .admitted(Admission(caller: caller)) }
    guard let domains = policy.scope(of: caller, method) else {
      let name = "\(method.service)/\(method.name)"
      return .refused(Refusal(.permissionDenied, "\(caller) may not call \(name)", of: caller))
    }
    return .admitted(Admission(caller: caller, authority: domains))
  }
}
