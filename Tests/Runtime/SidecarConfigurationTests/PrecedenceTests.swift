import OutriderTesting
import Testing

@testable import SidecarConfiguration

@Suite struct PrecedenceTests {
  @Test func defaultsAreTheDesigns() throws {
    let configuration = try resolve()
    #expect(configuration.store == .sqlite(directory: "./outrider-data"))
    #expect(configuration.port == Configuration.Port())
    #expect(configuration.domains.map(\.logic.description) == ["127.0.0.1:1737"])
    #expect(configuration.domains[0].projectors.map(\.logic.description) == ["127.0.0.1:1738"])
  }

  @Test func fileOverridesDefault() throws {
    #expect(try resolve(yaml: "threads: 3").threads == 3)
  }

  @Test func variableOverridesFile() throws {
    let environment = ["OUTRIDER_THREADS": "4"]
    #expect(try resolve(environment: environment, yaml: "threads: 3").threads == 4)
  }

  @Test func flagOverridesVariable() throws {
    let environment = ["OUTRIDER_THREADS": "4"]
    let configuration = try resolve(
      flags: ["threads": "5"], environment: environment, yaml: "threads: 3")
    #expect(configuration.threads == 5)
  }

  @Test func everySettingCanComeFromEverySource() {
    // Some settings mean nothing without these.
    let others = [
      "tls.certificate": "c.pem", "tls.key": "k.pem", "tokens.keys": "https://login/keys",
      "traces.endpoint": "https://collector", "snapshots.store": "s3://snapshots",
      "snapshots.credentials-file": "s3", "domain": "bank",
    ]
    for setting in Setting<Configuration>.all where !setting.isList {
      let text = setting.defaultText.isEmpty ? sample(of: setting) : setting.defaultText
      #expect(problems(flags: others.merging([setting.key: text]) { $1 }).isEmpty)
      #expect(problems(flags: others, environment: [setting.variable: text]).isEmpty)
      let words = setting.key.split(separator: ".")
      let yaml = words.count == 2 ? "\(words[0]):\n  \(words[1]): \(text)" : "\(words[0]): \(text)"
      #expect(problems(flags: others, yaml: yaml).isEmpty)
    }
  }

  /// A value for a setting that has none by itself.
  private func sample(of setting: Setting<Configuration>) -> String {
    switch setting.placeholder {
    case "NUMBER": "1"
    case "HOST:PORT", "ADDRESS": "127.0.0.1:9464"
    case "CHANNEL": "amqp://broker"
    case "URL": "https://collector"
    case "BUCKET": "s3://snapshots"
    default: "bank"
    }
  }

  @Test func everyDefaultIsAllowedAndReadBackTheSame() throws {
    for setting in Setting<Configuration>.all where !setting.defaultText.isEmpty {
      #expect(try resolve(flags: [setting.key: setting.defaultText]) == resolve())
    }
  }

  @Test func namesDeriveFromTheKey() throws {
    let setting = try #require(Setting.all.first { $0.key == "limit.cache-size" })
    #expect(setting.flag == "--limit-cache-size")
    #expect(setting.variable == "OUTRIDER_LIMIT_CACHE_SIZE")
  }

  @Test func noTwoSettingsShareAName() {
    let aliases = Setting.all.compactMap { $0.flagAlias.map { "--\($0)" } }
    let flags = Setting.all.map(\.flag) + aliases
    #expect(Set(flags).count == flags.count)
    #expect(Set(Setting.all.map(\.variable)).count == Setting.all.count)
  }

  @Test func logicIsFunctionsWhereThatIsSaid() throws {
    #expect(try resolve().domains[0].logicStyle == .classic)
    let configuration = try resolve(
      flags: ["logic.style": "functions", "logic.snapshot-events": "7"])
    #expect(configuration.domains[0].logicStyle == .functions)
    #expect(configuration.domains[0].states.snapshotEvents == 7)
  }

  @Test(arguments: [
    (["logic.address": "http://logic:8080"], "http://logic:8080", ""),
    (["logic.address": "http://logic/functions/"], "http://logic:80/functions", "/functions"),
    (["logic.address": "https://[::1]/a/b"], "https://[::1]:443/a/b", "/a/b"),
    (["logic.protocol": "http"], "http://127.0.0.1:1737", ""),
    (["logic.protocol": "http", "logic.address": "unix:/run/logic"], "unix:/run/logic", ""),
  ])
  func functionsMayBeBehindHTTP(
    _ flags: [String: String], _ address: String, _ base: String
  ) throws {
    let flags = flags.merging(["logic.style": "functions"]) { $1 }
    let logic = try resolve(flags: flags).domains[0].logic
    #expect(logic.description == address)
    #expect(logic.web?.base == base)
  }

  @Test func logicIsBehindGRPCUnlessSaid() throws {
    #expect(try resolve(flags: ["logic.address": "logic:80"]).domains[0].logic.web == nil)
    #expect(try resolve(flags: ["logic.protocol": "grpc"]).domains[0].logic.web == nil)
  }

  @Test(arguments: [
    "http://", "http://:1", "ftp://a:1", "http://a:1?b", "http://a:1#b", "http://u@a:1",
    "http://a:70000",
  ])
  func addressThatIsNoneIsRefused(_ address: String) {
    #expect(throws: ConfigurationError.self) {
      try resolve(flags: ["logic.style": "functions", "logic.address": address])
    }
  }

  @Test func disabledProjectorIsLeftOut() throws {
    let configuration = try resolve(flags: ["projector.enabled": "false"])
    #expect(configuration.domains[0].projectors.isEmpty)
  }

  @Test func commandIsTheLogicOfTheOnlyDomain() throws {
    let configuration = try resolve(command: ["python3", "bank.py"])
    #expect(configuration.domains[0].logicCommand == ["python3", "bank.py"])
  }
}
