import OutriderTesting
import Testing

@testable import SidecarConfiguration

/// What of a new configuration a process takes up, and what waits for a restart.
@Suite struct ConfigurationChangeTests {
  private func change(_ old: String, _ new: String) throws -> ConfigurationChange {
    ConfigurationChange(from: try resolve(yaml: old), to: try resolve(yaml: new))
  }

  @Test func nothingChangesByComments() throws {
    let change = try change("threads: 2", "# Two.\nthreads: 2\n")
    #expect(change.taken.isEmpty && change.waiting.isEmpty)
  }

  @Test func levelAndSamplingAreTakenUp() throws {
    let change = try change("threads: 2", "threads: 2\nlog: {level: debug}\ntraces: {sample: 0.5}")
    #expect(change.taken == ["log.level", "traces.sample"])
    #expect(change.waiting.isEmpty)
    #expect(change.running.log.level == .debug)
    #expect(change.running.traces.sample == 0.5)
  }

  @Test func otherSettingsWaitAndAreNamedWithoutTheirValues() throws {
    let change = try change(
      "store: mongodb://u:old@h/d",
      "store: mongodb://u:new@h/d\nlimit: {memory: 1GiB}\nlog: {level: debug, format: json}")
    #expect(change.taken == ["log.level"])
    #expect(change.waiting == ["store", "log.format", "limit.memory"])
    #expect(change.running.limit == Configuration.Limit())
  }

  @Test func entriesOfListsAreNamedAsAWhole() throws {
    let one = "domains:\n  - {name: a}\n"
    #expect(try change(one, one + "  - {name: b}\n").waiting == ["domains[1]"])
    #expect(try change(one + "  - {name: b}\n", one).waiting == ["domains[1]"])
    let saga = "sagas:\n  - {name: s, domains: [a], logic: {address: 'h:1'}"
    #expect(try change(saga + "}", saga + ", tries: 3}").waiting == ["sagas[0].tries"])
    #expect(
      try change("threads: 2", "threads: 2\nprojector: {enabled: false}").waiting == ["projector"])
  }

  private static let proof = "tls: {certificate: c, key: k, client-authorities: a}\n"

  @Test func policyIsTakenUp() throws {
    let change = try change(
      Self.proof + "policy: [{callers: [web]}]",
      Self.proof + "policy: [{callers: [web, app]}, {callers: [ops]}]")
    #expect(change.taken == ["policy[0].callers", "policy[1]"])
    #expect(change.waiting.isEmpty)
    #expect(change.running.policy.map(\.callers) == [["web", "app"], ["ops"]])
  }

  @Test func firstRulesAreTakenUpAndTheLastOneStaysUntilARestart() throws {
    let rules = Self.proof + "policy: [{callers: [web]}]"
    #expect(try change(Self.proof, rules).taken == ["policy[0]"])
    let removed = try change(rules, Self.proof)
    #expect(removed.taken.isEmpty)
    #expect(removed.waiting == ["policy[0]"])
    #expect(removed.running.policy.count == 1)
  }

  @Test func policyWhoseCallersCannotProveTheirNamesYetWaits() throws {
    let change = try change(
      Self.proof + "policy: [{callers: [web]}]",
      Self.proof + "tokens: {keys: k}\npolicy: [{callers: ['token:kim']}]")
    #expect(change.taken.isEmpty)
    #expect(change.waiting == ["tokens.keys", "policy[0].callers"])
    #expect(change.running.policy.map(\.callers) == [["web"]])
  }

  @Test func changesAddUp() throws {
    let first = try change("threads: 2", "threads: 3\nlog: {level: debug}")
    let second = ConfigurationChange(
      from: first.running, to: try resolve(yaml: "threads: 2\nlog: {level: error}"))
    #expect(second.taken == ["log.level"])
    #expect(second.waiting.isEmpty)
  }
}
