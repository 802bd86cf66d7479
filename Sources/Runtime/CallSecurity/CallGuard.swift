import RPC

/// Admits calls by the caller's proof and the policy, before more than the head is read.
struct CallGuard: CallAdmission {
  /// Nil: tokens are not accepted.
  let tokens: TokenGuard?
  let policy: PolicyGuard

  func decide(_ context: ServerContext) -> AdmissionDecision {
    guard let tokens else { return policy.decide(on: context.caller, context.method) }
    return decide(tokens.examine(context.metadata, from: context.caller), context)
  }

  private func decide(
    _ finding: TokenGuard.Finding, _ context: ServerContext
  ) -> AdmissionDecision {
    switch finding {
    case .nothing: policy.decide(on: context.caller, context.method)
    case .caller(let caller): policy.decide(on: caller, context.method)
    case .refused(let status): .refused(Refusal(status))
    case .pending(let wait): .pending { decide(await wait(), context) }
    }
  }
}
