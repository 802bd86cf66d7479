import EventModel
import RPC

/// Lets calls through whose caller proved who it is, and may make them.
struct PolicyGuard: ServerInterceptor {
  /// Empty: whoever proved anything may do everything.
  let rules: [PolicyRule]

  func intercept(
    _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
  ) async throws {
    let caller = context.caller
    guard caller.proof != .none else {
      throw RPCStatus(
        .unauthenticated, "the call needs a client certificate or an \"authorization: Bearer\"")
    }
    if rules.isEmpty { return try await proceed(context) }
    let scope = try scope(of: caller, context.method)
    try await DomainScope.$current.withValue(scope) { try await proceed(context) }
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
