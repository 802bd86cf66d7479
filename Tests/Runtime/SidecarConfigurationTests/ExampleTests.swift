import OutriderTesting
import Testing

@testable import SidecarConfiguration

@Suite struct ExampleTests {
  /// What nothing says, and what the example says, is the same.
  @Test func exampleIsTheDefaults() throws {
    #expect(try resolve(yaml: ConfigurationExample.text) == resolve())
  }

  @Test func exampleHasEverySetting() {
    for setting in SettingReference.all {
      let name = setting.key.split(separator: ".").last.map { $0.prefix { $0 != "[" } } ?? ""
      #expect(ConfigurationExample.text.contains("\(name):"), "\(setting.key)")
    }
  }

  @Test func whatItCommentsOutCanBeTakenAsItStands() throws {
    let lists = ConfigurationExample.domains + ConfigurationExample.policy
    let configuration = try resolve(
      flags: ["tokens.keys": "/keys"], yaml: lists.joined(separator: "\n"))
    #expect(configuration.domains.map(\.name) == ["bank"])
    #expect(configuration.domains[0].projectors.count == 1)
    #expect(configuration.policy.map(\.domains) == [["bank"]])
    for setting in Setting.all where setting.defaultText.isEmpty && !setting.isList {
      var copy = Configuration()
      #expect(setting.assign([setting.example], &copy), "\(setting.key)")
    }
  }

  @Test func referenceHasListsToo() {
    let keys = Set(SettingReference.all.map(\.key))
    #expect(
      keys.isSuperset(of: [
        "store", "domains", "domains[].name", "domains[].projectors[].tries", "policy",
        "policy[].callers",
      ]))
  }
}
