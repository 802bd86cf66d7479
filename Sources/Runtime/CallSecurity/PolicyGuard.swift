import EventModel
import RPC
import SidecarConfiguration
import Synchronization

/// Admits calls of authenticated callers that the policy allows.
package final class PolicyGuard: Sendable {
  private let policy: Mutex<Policy>

  /// - Parameter policy: empty: any authenticated caller may do everything.
  init(policy: Policy) { self.policy = Mutex(policy) }

  /// Applies another policy to later calls.
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
