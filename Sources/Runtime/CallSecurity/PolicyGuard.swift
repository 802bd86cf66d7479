import EventModel
import RPC
import SidecarConfiguration
import Synchronization

/// Lets calls through whose caller proved who it is, and may make them.
package final class PolicyGuard: Sendable {
  private let policy: Mutex<Policy>

  /// - Parameter policy: empty: whoever proved anything may do everything.
  init(policy: Policy) { self.policy = Mutex(policy) }

  /// Has calls from now on decided by another policy.
  package func replace(by policy: Policy) {
    self.policy.withLock { $0 = policy }
  }

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
    let policy = policy.withLock { $0 }
    if policy.isEmpty { return .admitted(Admission(caller: caller)) }
    guard let domains = policy.scope(of: caller, method) else {
      let name = "\(method.service)/\(method.name)"
      return .refused(Refusal(.permissionDenied, "\(caller) may not call \(name)", of: caller))
    }
    return .admitted(Admission(caller: caller, authority: domains))
  }
}
