import RPC

/// Lets calls through whose caller proved who it is, and may make them.
struct PolicyGuard: Sendable {
  /// Empty: whoever proved anything may do everything.
  let rules: [PolicyRule]

  func decide(on caller: Caller, _ method: Method) -> AdmissionDecision {
    guard caller.proof != .none else {
      return .refused(
        RPCStatus(
          .unauthenticated, "the call needs a client certificate or an \"authorization: Bearer\""))
    }
    if let timeLeft = caller.timeLeft, timeLeft <= .zero {
      return .refused(RPCStatus(.unauthenticated, "the caller's certificate has expired"))
    }
    if rules.isEmpty { return .admitted(Admission(caller: caller, domains: .all)) }
    do throws(RPCStatus) {
      return .admitted(Admission(caller: caller, domains: try scope(of: caller, method)))
    } catch {
      return .refused(error)
    }
  }

  /// The domains on which the caller may call the method; throws PERMISSION_DENIED if there are none.
  func scope(of caller: Caller, _ method: Method) throws(RPCStatus) -> DomainScope {
    let name: Name = "\(method.service)/\(method.name)"
    let matching = rules.filter { $0.isFor(caller.names) && $0.isFor(method: name) }
    guard !matching.isEmpty else {
      throw RPCStatus(.permissionDenied, "\(caller) may not call \(name)")
    }
    let domains = Set(matching.flatMap(\.domains))
    return domains.contains("*") ? .all : .only(domains)
  }
}
