import ArgumentParser
import SidecarConfiguration
import Testing

@testable import outrider

@Suite struct ServingTests {
  @Test func everySettingHasAFlag() throws {
    let settings = Setting<Configuration>.all.filter { !$0.isList }
    let options = try ServingOptions<EveryRole>.parse(
      settings.flatMap { [$0.flag, "value of \($0.key)"] })
    let expected = settings.map { ($0.key, "value of \($0.key)") }
    #expect(options.settings.values == Dictionary(uniqueKeysWithValues: expected))
  }

  @Test func nothingIsSetWhereNothingIsSaid() throws {
    #expect(try ServingOptions<EveryRole>.parse([]).settings.values.isEmpty)
  }

  @Test func helpNamesEverySettingWithItsDefault() {
    let help = Run.helpMessage(columns: 10_000)
    for setting in Setting<Configuration>.all where !setting.isList {
      #expect(help.contains(setting.flag))
      #expect(help.contains("default: \(setting.defaultText)") || setting.defaultText.isEmpty)
    }
  }

  /// A pod's help is about the pod; what all pods are given alike is taken all the same.
  @Test func helpOfARoleShowsItsOwnSettings() throws {
    let commands = ServeCommandHandler.helpMessage(columns: 10_000)
    #expect(commands.contains("--limit-cache-size") && commands.contains("--tls-certificate"))
    #expect(!commands.contains("--limit-subscription-window"))
    #expect(!commands.contains("--port-projector") && !commands.contains("--port-query-handler"))
    let projector = ServeProjector.helpMessage(columns: 10_000)
    #expect(projector.contains("--limit-subscription-window"))
    #expect(!projector.contains("--limit-cache-size"))
    let handler = try ServeCommandHandler.parse(["--port-projector", "1"])
    #expect(handler.options.settings.values == ["port.projector": "1"])
  }

  @Test func commandFollowsTheTerminator() throws {
    let run = try Run.parse(["--domain", "bank", "--", "python3", "-u", "bank.py", "--", "--x"])
    #expect(run.command == ["python3", "-u", "bank.py", "--", "--x"])
    #expect(run.options.settings.values == ["domain": "bank"])
  }

  @Test func wordBeforeTheTerminatorIsRefused() {
    #expect(throws: (any Error).self) { try Run.parse(["bank.py"]) }
    #expect(throws: (any Error).self) { try Run.parse(["--no-such-setting", "1"]) }
  }

  @Test func everyCommandLineIsConsistent() throws {
    _ = try Outrider.parseAsRoot(["roots", "bank"])
    _ = try Outrider.parseAsRoot(["log", "bank", "--follow", "--after", "7"])
    _ = try Outrider.parseAsRoot(["projection", "list", "balance", "bank", "--json"])
    _ = try Outrider.parseAsRoot(["send", "--domain", "bank", "--type", "bank.OpenAccount", "-"])
    _ = try Outrider.parseAsRoot(["parked", "list", "--deadline", "5s"])
    #expect(throws: (any Error).self) { try Outrider.parseAsRoot(["roots", "--deadline", "5"]) }
    #expect(throws: (any Error).self) { try Outrider.parseAsRoot(["events", "bank", "no-uuid"]) }
    _ = try Outrider.parseAsRoot(["config", "show", "--store", "memory"])
    _ = try Outrider.parseAsRoot(["context", "add", "prod", "--host", "outrider.example"])
    _ = try Outrider.parseAsRoot(["roots", "--context", "prod"])
  }
}
