import Testing

@testable import SidecarConfiguration

/// Every value is told with where it comes from.
@Suite struct EffectiveSettingTests {
  private func effective(
    flags: [String: String] = [:], command: [String] = [], environment: [String: String] = [:],
    yaml: String
  ) throws -> [String: String] {
    var sources = ConfigurationSources()
    sources.flags = flags
    sources.command = command
    sources.environment = environment
    sources.file = ConfigurationFile(path: "outrider.yaml", bytes: Array(yaml.utf8))
    var told: [String: String] = [:]
    for setting in try sources.effectiveSettings() {
      told[setting.key] = "\(setting.value) \(setting.source?.description ?? "default")"
    }
    return told
  }

  @Test func nearestSourceIsTold() throws {
    let told = try effective(
      flags: ["threads": "1"], command: ["./logic"],
      environment: ["OUTRIDER_THREADS": "2", "OUTRIDER_LOG_LEVEL": "debug"],
      yaml: "threads: 3\nlog:\n  level: info\n  format: json\n")
    #expect(told["threads"] == "1 flag --threads")
    #expect(told["log.level"] == "debug environment variable OUTRIDER_LOG_LEVEL")
    #expect(told["log.format"] == "json outrider.yaml:4")
    #expect(told["host"] == "127.0.0.1 default")
    #expect(told["logic.command"] == "[./logic] after --")
    #expect(told["projector.tries"]?.hasSuffix("default") == true)
    #expect(told["domain"] == " default")
  }

  @Test func passwordIsNotTold() throws {
    let told = try effective(yaml: "store: mongodb://kim:secret@host/db")
    #expect(told["store"] == "mongodb://kim:***@host/db outrider.yaml:1")
  }

  @Test func listedDomainsAndRulesAreTold() throws {
    let yaml = """
      domains:
        - name: bank
          projectors:
            - name: balance
              enabled: false
        - name: shop
          logic: {address: "shop:1"}
      """
    let told = try effective(yaml: yaml)
    #expect(told["domains[0].name"] == "bank outrider.yaml:2")
    #expect(told["domains[0].projectors[0].enabled"] == "false outrider.yaml:5")
    #expect(told["domains[1].logic.address"] == "shop:1 outrider.yaml:7")
    let shop = try effective(
      flags: ["domain": "shop", "logic.address": "other:2"], yaml: yaml)
    #expect(shop["domains[0].name"] == "shop outrider.yaml:6")
    #expect(shop["domains[0].logic.address"] == "other:2 flag --logic-address")
    #expect(shop["domains[1].name"] == nil)
    let rule = try effective(
      yaml: "policy: [{callers: [Kim, Lee]}]\ntokens:\n  keys: /keys\n")
    #expect(rule["policy[0].callers"] == "[Kim, Lee] outrider.yaml:1")
    #expect(rule["policy[0].methods"] == "[*] default")
  }
}
