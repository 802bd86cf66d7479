import OutriderTesting
import Testing

@testable import SidecarConfiguration

/// A mistake is reported with the setting's key, the place, what is wrong and what is allowed.
@Suite struct MistakeTests {
  @Test func badFlag() {
    #expect(
      problems(flags: ["threads": "many"]) == [
        #"threads (flag --threads): "many" is refused; allowed: a whole number from 0 to 1024"#
      ])
  }

  @Test func badVariable() {
    #expect(
      problems(environment: ["OUTRIDER_LOG_FORMAT": "xml"]) == [
        "log.format (environment variable OUTRIDER_LOG_FORMAT): "
          + #""xml" is refused; allowed: automatic, text or json"#
      ])
  }

  @Test func badValueInTheFileHasItsLine() {
    #expect(
      problems(yaml: "log:\n  level: info\n  format: xml\n") == [
        #"log.format (outrider.yaml:3): "xml" is refused; allowed: automatic, text or json"#
      ])
  }

  @Test func unknownKeyInTheFileHasASuggestion() {
    #expect(
      problems(yaml: "limit:\n  cash-size: 1MiB") == [
        "limit.cash-size (outrider.yaml:2): there is no such setting; did you mean limit.cache-size?"
      ])
    #expect(problems(yaml: "zebra: 1") == ["zebra (outrider.yaml:1): there is no such setting"])
  }

  @Test func unknownVariableHasASuggestion() {
    #expect(
      problems(environment: ["OUTRIDER_STROE": "memory"]) == [
        "OUTRIDER_STROE (environment variable OUTRIDER_STROE): "
          + "there is no such setting; did you mean OUTRIDER_STORE?"
      ])
  }

  @Test func everyMistakeIsReportedAtOnce() {
    #expect(
      problems(flags: ["threads": "x"], environment: ["OUTRIDER_X": ""], yaml: "y: 1").count == 3)
  }

  @Test func kubernetesServiceLinksAreNoMistakes() throws {
    let links = [
      "OUTRIDER_SERVICE_HOST": "10.0.0.11", "OUTRIDER_SERVICE_PORT": "1313",
      "OUTRIDER_SERVICE_PORT_GRPC": "1313", "OUTRIDER_PORT": "tcp://10.0.0.11:1313",
      "OUTRIDER_PORT_1313_TCP": "tcp://10.0.0.11:1313", "OUTRIDER_PORT_1313_TCP_PROTO": "tcp",
      "OUTRIDER_PORT_1313_TCP_PORT": "1313", "OUTRIDER_PORT_1313_TCP_ADDR": "10.0.0.11",
      "OUTRIDER_QUERY_HANDLER_PORT": "tcp://10.0.0.12:1314",
    ]
    _ = try resolve(environment: links)
    #expect(problems(environment: ["OUTRIDER_QUERY_HANDLER_PORT": "1314"]).count == 1)
  }

  @Test func foreignVariablesAreNotLookedAt() {
    let foreign = ["PATH": "/bin", "OUTRIDERS": "x", "OUTRIDER_TEST_SEED": "1"]
    #expect(problems(environment: foreign).isEmpty)
  }

  @Test func whatTheStoreCannotDoIsRefused() {
    #expect(
      problems(yaml: "partitions: 3") == [
        "partitions (outrider.yaml:1): only a store in MongoDB has more than 1"
      ])
    #expect(problems(yaml: "store: mongodb://host/db\npartitions: 3").isEmpty)
    #expect(
      problems(
        yaml: "store: mongodb://host/db\nlimit:\n  commit-size: 13MiB\n  message-size: 32MiB") == [
          "limit.commit-size (outrider.yaml:3): MongoDB takes 12MiB at most"
        ])
  }

  @Test func aCommitMustFitIntoAMessageWithRoomToSpare() throws {
    #expect(
      problems(yaml: "limit:\n  commit-size: 8MiB") == [
        "limit.commit-size (outrider.yaml:2): a commit of 8MiB needs messages of 10924KiB; raise "
          + "limit.message-size to that, and the message limits of the other sidecars, the logic, the projectors and the "
          + "clients"
      ])
    #expect(problems(yaml: "limit:\n  commit-size: 8MiB\n  message-size: 10924KiB").isEmpty)
    #expect(problems(yaml: "limit:\n  message-size: 1MiB").count == 1)
    #expect(problems(yaml: "limit:\n  message-size: 1MiB\n  commit-size: 768KiB").isEmpty)
  }

  @Test func largerCommitsThanTheDefaultAreWarnedAbout() throws {
    #expect(try resolve().warnings.isEmpty)
    let raised = try resolve(yaml: "limit:\n  commit-size: 12MiB\n  message-size: 16MiB")
    #expect(raised.warnings.count == 1)
    #expect(raised.warnings.first?.contains("messages of 16MiB") == true)
  }

  @Test func wrongStructureSaysWhatIsThere() {
    #expect(
      problems(yaml: "store: [a]") == [
        "store (outrider.yaml:1): a list is refused; allowed: "
          + "sqlite:DIRECTORY, mongodb://HOST/DATABASE or memory"
      ])
    #expect(
      problems(yaml: "limit: 3") == [
        "limit (outrider.yaml:1): a single value is here; a section of settings is expected"
      ])
    #expect(
      problems(yaml: "logic: {command: [a, [b]]}") == [
        "logic.command (outrider.yaml:1): a list is refused; allowed: a list of texts, such as [a, b]"
      ])
    #expect(problems(yaml: "domains: []").count == 1)
    #expect(problems(yaml: "- a").count == 1)
    #expect(problems(yaml: "store:").count == 1)
  }

  @Test func sectionsMayBeEmpty() throws {
    #expect(try resolve(yaml: "limit:\n# cache-size: 1MiB\n") == resolve())
    #expect(try resolve(yaml: "") == resolve())
    #expect(try resolve(yaml: "# nothing\n") == resolve())
  }

  @Test func terminalControlsAreNotEchoed() throws {
    let problem = try #require(problems(flags: ["threads": "\u{1B}[2J"]).first)
    #expect(!problem.contains("\u{1B}"))
  }
}
