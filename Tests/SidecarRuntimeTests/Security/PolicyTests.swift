import RPC
import Testing

@testable import SidecarRuntime

@Suite struct PolicyTests {
  static let yaml = """
    tls: {certificate: c.pem, key: k.pem, client-authorities: ca.pem}
    policy:
      - callers: ["spiffe://shop/*", web]
        methods: [evented.BusinessCoordinator/Handle]
        domains: [order, cart]
      - callers: [web]
        methods: ["evented.EventQuery/*"]
      - methods: [outrider.v1.Log/Head]
        domains: [order]
    """

  let policy: PolicyGuard

  init() throws {
    policy = PolicyGuard(rules: try resolve(yaml: Self.yaml).policy)
  }

  /// The domains that a caller may touch; nil for none at all.
  func scope(_ names: [String], _ service: String, _ name: String) -> DomainScope? {
    try? policy.scope(
      of: Caller(.certificate, names: names), Method(service: service, name: name))
  }

  @Test func ruleGivesItsCallersItsMethodsOnItsDomains() {
    let handle = ("evented.BusinessCoordinator", "Handle")
    let orderAndCart = DomainScope.only(["order", "cart"])
    #expect(scope(["web"], handle.0, handle.1) == orderAndCart)
    #expect(scope(["spiffe://shop/app"], handle.0, handle.1) == orderAndCart)
    #expect(scope(["nobody", "spiffe://shop/app"], handle.0, handle.1) == orderAndCart)
    #expect(scope(["spiffe://shopping"], handle.0, handle.1) == nil)
    #expect(scope(["web"], handle.0, "Record") == nil)
    #expect(scope(["webber"], handle.0, handle.1) == nil)
  }

  @Test func ruleWithoutDomainsIsForEveryOne() {
    #expect(scope(["web"], "evented.EventQuery", "GetEvents") == .all)
    #expect(scope(["spiffe://shop/app"], "evented.EventQuery", "GetEvents") == nil)
  }

  @Test func ruleWithoutCallersIsForWhoeverProvesAnything() {
    #expect(scope([], "outrider.v1.Log", "Head") == .only(["order"]))
  }

  @Test func callWithoutAProofIsUnauthenticatedAndAnotherOnesIsDenied() async throws {
    let service = Service("test.Test", ["Echo": .unary { message, _ in message }])
    func code(_ caller: Caller?) async -> RPCStatus.Code? {
      let guarded = service.intercepted(
        by: [Says(caller: caller), PolicyGuard(rules: policy.rules)])
      do {
        _ = try await InProcessChannel([guarded])
          .unary(Method(service: "test.Test", name: "Echo"), [])
        return nil
      } catch {
        return error.code
      }
    }
    #expect(await code(nil) == .unauthenticated)
    #expect(await code(Caller(.token, names: ["web"])) == .permissionDenied)
  }

  @Test func domainScopeReachesTheHandler() async throws {
    let service = Service(
      "outrider.v1.Log",
      [
        "Head": .unary { _, _ in
          try DomainScope.require("order")
          try DomainScope.require("cart")
          return []
        }
      ])
    let guarded = service.intercepted(
      by: [Says(caller: Caller(.token, names: ["x"])), PolicyGuard(rules: policy.rules)])
    let error = await #expect(throws: RPCStatus.self) {
      try await InProcessChannel([guarded])
        .unary(Method(service: "outrider.v1.Log", name: "Head"), [])
    }
    #expect(error?.code == .permissionDenied)
    #expect(error?.message.contains("cart") == true)
  }

  @Test(arguments: [
    ("policy: [{callers: [a]}]", "policy (outrider.yaml:1): nobody can prove who they are"),
    ("tls: {certificate: c}", "tls.key"), ("tls: {key: c}", "tls.key"),
    ("tls: {client-authorities: c}", "tls.client-authorities"),
    ("tokens: {issuer: c}", "tokens.keys"),
    ("tokens: {keys: k}\npolicy: [{caller: [a]}]", "did you mean callers?"),
    ("tokens: {keys: k}\npolicy: {}", "policy"),
  ])
  func securityThatWouldDoNothingIsRefused(_ yaml: String, _ expected: String) {
    #expect(problems(yaml: yaml).joined().contains(expected))
  }
}

/// Makes every call one of this caller.
private struct Says: ServerInterceptor {
  let caller: Caller?

  func intercept(
    _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
  ) async throws {
    var context = context
    if let caller { context.caller = caller }
    try await proceed(context)
  }
}
