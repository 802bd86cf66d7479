import EventModel
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
  func scope(_ names: [Name], _ service: String, _ name: String) -> DomainScope? {
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

  @Test func namesAreMatchedByteByByte() throws {
    let policy = PolicyGuard(
      rules: try resolve(
        yaml: """
          tokens: {keys: k}
          policy:
            - {callers: [Kim], domains: [Kunde]}
            - {callers: ["Ren\u{E9}*"], domains: ["Caf\u{E9}"]}
          """
      ).policy)
    func scope(_ name: Name) -> DomainScope? {
      try? policy.scope(of: Caller(.token, names: [name]), Method(service: "s", name: "M"))
    }
    #expect(scope("Kim")?.contains("Kunde") == true)
    #expect(scope("Kim")?.contains("\u{212A}unde") == false)
    #expect(scope("\u{212A}im") == nil)
    #expect(scope("Ren\u{E9} D.")?.contains("Caf\u{E9}") == true)
    #expect(scope("Ren\u{E9} D.")?.contains("Cafe\u{301}") == false)
    #expect(scope("Rene\u{301} D.") == nil)
  }

  @Test func ruleWithoutDomainsIsForEveryOne() {
    #expect(scope(["web"], "evented.EventQuery", "GetEvents") == .all)
    #expect(scope(["spiffe://shop/app"], "evented.EventQuery", "GetEvents") == nil)
  }

  @Test func ruleWithoutCallersIsForWhoeverProvesAnything() {
    #expect(scope([], "outrider.v1.Log", "Head") == .only(["order"]))
  }

  /// What the policy says to a call of `Log/Head`.
  func decision(on caller: Caller) -> AdmissionDecision {
    policy.decide(on: caller, Method(service: "outrider.v1.Log", name: "Head"))
  }

  func refusal(of caller: Caller) -> RPCStatus.Code? {
    if case .refused(let status) = decision(on: caller) { status.code } else { nil }
  }

  @Test func callWithoutAProofIsUnauthenticatedAndAnotherOnesIsDenied() {
    #expect(refusal(of: .anonymous) == .unauthenticated)
    let echo = policy.decide(
      on: Caller(.token, names: ["web"]), Method(service: "test.Test", name: "Echo"))
    guard case .refused(let status) = echo else { return #expect(Bool(false)) }
    #expect(status.code == .permissionDenied)
  }

  @Test func proofThatHasExpiredIsNone() {
    #expect(refusal(of: Caller(.certificate, names: ["x"], expires: 1)) == .unauthenticated)
    #expect(refusal(of: Caller(.certificate, names: ["x"], expires: 1e11)) == nil)
  }

  @Test func callIsAdmittedToItsDomains() {
    guard case .admitted(let admission) = decision(on: Caller(.token, names: ["x"])) else {
      return #expect(Bool(false))
    }
    #expect(admission.domains == .only(["order"]))
    #expect(admission.caller.names == ["x"])
  }

  @Test(arguments: [
    ("policy: [{callers: [a]}]", "policy: nobody can prove who they are"),
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
