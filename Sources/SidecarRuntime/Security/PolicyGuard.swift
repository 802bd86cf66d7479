import Glibc
import RPC

/// Lets calls through whose caller proved who it is, and may make them.
struct PolicyGuard: ServerInterceptor {
  /// Empty: whoever proved anything may do everything.
  let policy: Policy
  /// Seconds since 1970.
  var now: @Sendable () -> Double = { Double(time(nil)) }

  func intercept(
    _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
  ) async throws {
    let caller = context.caller
    guard caller.proof != .none else {
      throw RPCStatus(
        .unauthenticated, "the call needs a client certificate or an \"authorization: Bearer\"")
    }
    // A certificate was valid when its connection began; a token was checked just now.
    guard now() < caller.expires else {
      throw RPCStatus(.unauthenticated, "the \(caller.proof) of \(caller) has expired")
    }
    if policy.isEmpty { return try await proceed(context) }
    guard let scope = policy.scope(of: caller, context.method) else {
      let name = "\(context.method.service)/\(context.method.name)"
      throw RPCStatus(.permissionDenied, "\(caller) may not call \(name)")
    }
    try await DomainScope.$current.withValue(scope) { try await proceed(context) }
  }
}
