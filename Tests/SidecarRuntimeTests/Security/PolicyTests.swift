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

  let policy: Policy

  init() throws {
    policy = try resolve(yaml: Self.yaml).checkedPolicy
  }

  /// The domains that a caller may touch; nil for none at all. `spiffe://` begins a URI.
  func scope(_ names: [String], _ service: String, _ name: String) -> DomainScope? {
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
        by: [Says(caller: caller), PolicyGuard(policy: policy, now: { 1000 })])
      do {
        _ = try await InProcessChannel([guarded])
          .unary(Method(service: "test.Test", name: "Echo"), [])
        return nil
      } catch {
        return error.code
      }
    }
    #expect(await code(nil) == .unauthenticated)
    let web = [CallerName(.dns, "web")]
    #expect(await code(Caller(.certificate, names: web)) == .permissionDenied)
    #expect(await code(Caller(.certificate, names: web, expires: 1001)) == .permissionDenied)
    #expect(await code(Caller(.certificate, names: web, expires: 1000)) == .unauthenticated)
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
      by: [
        Says(caller: Caller(.token, names: [CallerName(.token, "x")])), PolicyGuard(policy: policy),
      ])
    let error = await #expect(throws: RPCStatus.self) {
      try await InProcessChannel([guarded])
        .unary(Method(service: "outrider.v1.Log", name: "Head"), [])
    }
    #expect(error?.code == .permissionDenied)
    #expect(error?.message.contains("cart") == true)
  }

  /// Whom an entry of `callers` lets in, of those who all have the same name.
  private func callers(of entry: String, _ proofs: String) throws -> [CallerName.Kind] {
    let policy = try resolve(yaml: "\(proofs)\npolicy: [{callers: [\"\(entry)\"]}]").checkedPolicy
    return CallerName.Kind.allCases.filter { kind in
      let name = CallerName(kind, entry.replacing(#/^(uri|dns|email|token):/#, with: ""))
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
    #expect(found.first?.hasPrefix("policy[0].callers: ") == true)
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
    #expect(found.first?.hasPrefix("policy[0].methods: ") == true)
    #expect(found.first?.contains(expected) == true)
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
