import EventModel
import OutriderTesting
import RPC
import Testing

@testable import SidecarConfiguration

/// What holds for Eventuate's clients.
@Suite struct EventuateSettingTests {
  private let tokens = ["tokens.keys": "https://login/keys"]

  @Test func itIsOffUnlessItIsWanted() throws {
    #expect(try resolve().eventuate == Configuration.Eventuate())
    #expect(try !resolve().eventuate.enabled)
    #expect(try resolve().eventuate.stompPort == 61614)
  }

  @Test func whereCallersMustProveWhoTheyAreThereMustBeKeys() {
    let enabled = tokens.merging(["eventuate.enabled": "true"]) { $1 }
    #expect(problems(flags: enabled).contains { $0.contains("eventuate.api-keys") })
    #expect(problems(flags: enabled.merging(["eventuate.api-keys": "keys"]) { $1 }).isEmpty)
    #expect(problems(flags: ["eventuate.enabled": "true"]).isEmpty)
  }

  @Test func noRoleListensWhereSTOMPIsSpoken() {
    let flags = ["eventuate.enabled": "true", "eventuate.stomp-port": "1313"]
    #expect(problems(flags: flags).contains { $0.contains("eventuate.stomp-port") })
    #expect(problems(flags: ["eventuate.stomp-port": "1313"]).isEmpty)
  }

  @Test func aPolicyMayNameACallerByItsKey() throws {
    let yaml = """
      tls:
        certificate: c.pem
        key: k.pem
        client-authorities: ca.pem
      policy:
        - callers: ["token:shop"]
          methods: ["evented.BusinessCoordinator/Record"]
          domains: [Account]
      """
    #expect(problems(yaml: yaml).contains { $0.contains("eventuate.api-keys") })
    let configuration = try resolve(flags: ["eventuate.api-keys": "keys"], yaml: yaml)
    let caller = Caller(.token, names: [CallerName(.token, "shop")])
    let record = Method(service: "evented.BusinessCoordinator", name: "Record")
    #expect(configuration.checkedPolicy.scope(of: caller, record) == .only(["Account"]))
  }
}
