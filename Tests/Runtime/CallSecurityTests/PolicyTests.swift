import EventModel
import OutriderTesting
import RPC
import Sidecars
import Testing

@testable import CallSecurity
@testable import SidecarConfiguration

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

  let policy: Policy

  init() throws {
    policy = try resolve(yaml: Self.yaml).checkedPolicy
  }

  /// The domains that a caller may touch; nil for none at all. `spiffe://` begins a URI.
  func scope(_ names: [Name], _ service: String, _ name: String) -> DomainScope? {
    let names = names.map { CallerName($0.hasPrefix("spiffe://") ? .uri : .dns, $0) }
    return policy.scope(
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
    let policy = try resolve(
      yaml: """
        tokens: {keys: k}
        policy:
          - {callers: [Kim], domains: [Kunde]}
          - {callers: ["Ren\u{E9}*"], domains: ["Caf\u{E9}"]}
        """
    ).checkedPolicy
    func scope(_ name: Name) -> DomainScope? {
      policy.scope(
        of: Caller(.token, names: [CallerName(.token, name)]), Method(service: "s", name: "M"))
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
    PolicyGuard(policy: policy)
      .decide(on: caller, Method(service: "outrider.v1.Log", name: "Head"))
  }

  func refusal(of caller: Caller) -> RPCStatus.Code? {
    if case .refused(let refusal) = decision(on: caller) { refusal.status.code } else { nil }
  }

  @Test func callWithoutAProofIsUnauthenticatedAndAnotherOnesIsDenied() {
    #expect(refusal(of: .anonymous) == .unauthenticated)
    let web = Caller(.token, names: [CallerName(.token, "web")])
    let echo = PolicyGuard(policy: policy)
      .decide(on: web, Method(service: "test.Test", name: "Echo"))
    guard case .refused(let refusal) = echo else {
      Issue.record("not refused: \(echo)")
      return
    }
    #expect(refusal.status.code == .permissionDenied)
    #expect(refusal.caller == web)
  }

  @Test func policyIsReplacedForLaterCalls() throws {
    let policies = PolicyGuard(policy: policy)
    let (web, echo) = (
      Caller(.certificate, names: []), Method(service: "outrider.v1.Log", name: "Roots")
    )
    func isAdmitted() -> Bool {
      if case .admitted = policies.decide(on: web, echo) { true } else { false }
    }
    #expect(!isAdmitted())
    policies.replace(by: Policy([], provable: []))
    #expect(isAdmitted())
  }

  @Test func proofThatHasExpiredIsNone() {
    let names = [CallerName(.dns, "x")]
    #expect(refusal(of: Caller(.certificate, names: names, expires: 1)) == .unauthenticated)
    #expect(refusal(of: Caller(.certificate, names: names, expires: 1e11)) == nil)
  }

  @Test func callIsAdmittedToItsDomains() {
    let caller = Caller(.token, names: [CallerName(.token, "x")])
    guard case .admitted(let admission) = decision(on: caller) else {
      Issue.record("not admitted: \(decision(on: caller))")
      return
    }
    #expect(admission.authority as? DomainScope == .only(["order"]))
    #expect(admission.caller == caller)
  }

  /// Whom an entry of `callers` lets in, of those who all have the same name.
  private func callers(of entry: String, _ proofs: String) throws -> [CallerName.Kind] {
    let policy = try resolve(yaml: "\(proofs)\npolicy: [{callers: [\"\(entry)\"]}]").checkedPolicy
    return CallerName.Kind.allCases.filter { kind in
      let name = CallerName(kind, Name(entry.replacing(#/^(uri|dns|email|token):/#, with: "")))
      let method = Method(service: "evented.EventQuery", name: "GetEvents")
      return policy.scope(of: Caller(.certificate, names: [name]), method) != nil
    }
  }

  private static let certificates = "tls: {certificate: c, key: k, client-authorities: ca}"
  private static let tokens = "tokens: {keys: k}"

  @Test(arguments: [
    ("uri:kim", CallerName.Kind.uri), ("dns:kim", .dns), ("email:kim", .email),
    ("token:kim", .token),
    ("spiffe://shop/kim", .uri), ("token:spiffe://shop/kim", .token),
  ])
  func kindOfANameIsPartOfIt(_ entry: String, _ kind: CallerName.Kind) throws {
    #expect(try callers(of: entry, Self.certificates + "\n" + Self.tokens) == [kind])
  }

  @Test(arguments: [
    ("spiffe://shop/kim", CallerName.Kind.uri), ("kim@shop", .email), ("kim", .dns),
  ])
  func nameWithoutAKindIsWhatItCanBe(_ entry: String, _ kind: CallerName.Kind) throws {
    #expect(try callers(of: entry, Self.certificates) == [kind])
    #expect(try callers(of: entry, Self.tokens) == [.token])
  }

  @Test func namesAreComparedByBytes() throws {
    let policy = try resolve(yaml: "\(Self.tokens)\npolicy: [{callers: [Kim]}]").checkedPolicy
    let method = Method(service: "evented.EventQuery", name: "GetEvents")
    let kelvin = Caller(.token, names: [CallerName(.token, "\u{212A}im")])
    #expect(policy.scope(of: kelvin, method) == nil)
    #expect(kelvin.names != [CallerName(.token, "Kim")])
  }

  @Test(arguments: [
    ("kim", "\"kim\" may be in a certificate or a token; write dns:… or token:…"),
    ("kim@shop", "write email:… or token:…"),
  ])
  func nameThatMayBeTwoIsRefused(_ entry: String, _ expected: String) {
    let found = problems(
      yaml: "\(Self.certificates)\n\(Self.tokens)\npolicy: [{callers: [\"\(entry)\"]}]")
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("policy[0].callers (outrider.yaml:3): ") == true)
    #expect(found.first?.contains(expected) == true)
  }

  @Test(arguments: [
    ("token:kim", certificates, "tokens.keys"), ("dns:kim", tokens, "tls.client-authorities"),
  ])
  func nameThatNobodyCanProveIsRefused(_ entry: String, _ proofs: String, _ expected: String) {
    let found = problems(yaml: "\(proofs)\npolicy: [{callers: [\"\(entry)\"]}]")
    #expect(found.count == 1)
    #expect(found.first?.contains(expected) == true)
  }

  @Test(arguments: [
    ("evented.EventQuery/GetEvent", "did you mean evented.EventQuery/GetEvents?"),
    ("evented.EventQuerry/*", "did you mean evented.EventQuery/*?"),
    ("/evented.EventQuery/GetEvents", "did you mean evented.EventQuery/GetEvents?"),
    ("nonsense", "there is no method \"nonsense\""),
  ])
  func methodThatIsNotThereIsRefused(_ method: String, _ expected: String) {
    let found = problems(yaml: "\(Self.tokens)\npolicy: [{methods: [\"\(method)\"]}]")
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("policy[0].methods (outrider.yaml:2): ") == true)
    #expect(found.first?.contains(expected) == true)
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
