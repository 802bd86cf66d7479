import OutriderTesting
import Testing

@testable import SidecarConfiguration

@Suite struct DomainListTests {
  private let twoDomains = """
    store: memory
    domains:
      - name: bank
        logic:
          address: 127.0.0.1:2001
          command: [python3, bank.py]
        projectors:
          - name: balance
            address: 127.0.0.1:2002
            synchronous: true
          - name: audit
            address: unix:/run/audit.sock
      - name: shop
        logic: {address: "shop:2003"}
    """

  @Test func eachDomainHasItsOwnLogicAndProjectors() throws {
    let configuration = try resolve(yaml: twoDomains)
    #expect(configuration.store == .memory)
    #expect(configuration.domains.map(\.name) == ["bank", "shop"])
    #expect(configuration.domains[0].logicCommand == ["python3", "bank.py"])
    #expect(configuration.domains[0].projectors.map(\.name) == ["balance", "audit"])
    #expect(configuration.domains[0].projectors.map(\.synchronous) == [true, false])
    #expect(configuration.domains[1].logic.endpoint == .tcp(host: "shop", port: 2003))
    #expect(configuration.domains[1].projectors.isEmpty)
  }

  @Test func sagasAndRoutesAreListed() throws {
    let configuration = try resolve(
      yaml: twoDomains + """

        sagas:
          - name: ship
            domains: [shop]
            key: header:case
            style: evented
          - name: audit-trail
        routes:
          - {domain: bank, address: "bank:1313"}
          - {domain: "*", address: "command-handler.{domain}:1313"}
        """)
    #expect(configuration.sagas.map(\.name) == ["ship", "audit-trail"])
    #expect(configuration.sagas[0].domains == ["shop"])
    #expect(configuration.sagas[0].key == .header("case"))
    #expect(configuration.sagas[0].style == .evented)
    #expect(configuration.sagas[1].key == .correlation)
    #expect(configuration.route(to: "bank") == .tcp(host: "bank", port: 1313))
    #expect(configuration.route(to: "shop") == .tcp(host: "command-handler.shop", port: 1313))
  }

  @Test(arguments: [
    ("sagas:\n  - name: bank-saga\n  - name: bank-saga\n", "listed twice"),
    ("projector: {name: p}\nsagas:\n  - name: p\n", "the name of a projector, too"),
    ("sagas:\n  - key: header\n", "allowed: correlation, root or header:NAME"),
    ("routes:\n  - address: nowhere\n", "HOST:PORT or unix:PATH"),
  ])
  func whatIsWrongWithSagasIsNamed(yaml: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) { try resolve(yaml: yaml) }
    #expect(error.map { "\($0)".contains(message) } == true, "\(String(describing: error))")
  }

  @Test func domainFlagSelectsOneOfTheList() throws {
    let configuration = try resolve(flags: ["domain": "shop"], yaml: twoDomains)
    #expect(configuration.domains.map(\.name) == ["shop"])
  }

  @Test func selectingADomainThatIsNotListedNamesThoseThatAre() {
    #expect(
      problems(flags: ["domain": "shoe"], yaml: twoDomains) == [
        #"domain (flag --domain): "shoe" is not in the file; allowed: bank, shop"#
      ])
  }

  @Test func flagOfOneDomainIsRefusedWhereThereAreTwo() {
    #expect(
      problems(flags: ["logic.address": "a:1"], yaml: twoDomains) == [
        "logic.address (flag --logic-address): there are 2 domains; set it for each of them in the file"
      ])
    #expect(problems(command: ["./logic"], yaml: twoDomains).count == 1)
  }

  @Test func flagOfAProjectorIsRefusedWhereThereIsNone() {
    let shop = "domains: [{name: shop}]"
    #expect(
      problems(environment: ["OUTRIDER_PROJECTOR_TRIES": "3"], yaml: shop) == [
        "projector.tries (environment variable OUTRIDER_PROJECTOR_TRIES): "
          + "the domain has 0 projectors; set it for each of them in the file"
      ])
  }

  @Test func domainSettingsBesideAListAreRefused() {
    let yaml = "domains: [{name: shop}]\nlogic: {address: 'a:1'}"
    #expect(
      problems(yaml: yaml) == [
        "logic (outrider.yaml:2): domains are listed; set it there, for each of them"
      ])
  }

  @Test func listedDomainNeedsAName() {
    #expect(
      problems(yaml: "domains:\n  - logic: {address: 'a:1'}") == [
        "domains[0].name (outrider.yaml:2): a name is required"
      ])
  }

  @Test func nothingMayBeThereTwice() {
    #expect(
      problems(yaml: "domains: [{name: a, logic: {address: 'a:1'}}, {name: a}]") == [
        #"domains (outrider.yaml:1): "a" is listed twice"#
      ])
    #expect(
      problems(yaml: "domains: [{name: a, projectors: [{name: p}, {name: p}]}]") == [
        #"projector.name (outrider.yaml:1): "p" is listed twice for one domain"#
      ])
    #expect(
      problems(
        yaml: """
          domains:
            - {name: a, logic: {command: [x], address: '127.0.0.1:1737'}}
            - {name: b, logic: {command: [y], address: '127.0.0.1:1737'}}
          """) == [
          "logic.address (outrider.yaml:3): two programs would listen on 127.0.0.1:1737; give each its own"
        ])
    #expect(
      problems(flags: ["logic.address": "http://logic:80"]) == [
        "logic.style: http://logic:80 is HTTP, which is for functions: set logic.style, too"
      ])
    #expect(
      problems(flags: ["port.projector": "1313"]) == [
        "port (flag --port-projector): two roles would listen on 1313; give each its own"
      ])
  }

  @Test func startedProgramsNeedNoAddresses() {
    #expect(
      problems(
        yaml: "domains: [{name: a, logic: {command: [x]}}, {name: b, logic: {command: [y]}}]"
      ).isEmpty)
  }

  @Test func anyFreePortMayBeWantedTwice() throws {
    let ports = try resolve(flags: ["port.projector": "0", "port.query-handler": "0"]).port
    #expect(ports.projector == 0 && ports.queryHandler == 0)
  }
}
