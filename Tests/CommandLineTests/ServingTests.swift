import ArgumentParser
import SidecarRuntime
import Testing

@testable import outrider

@Suite struct ServingTests {
  @Test func everySettingHasAFlag() throws {
    for setting in Setting<Configuration>.all where !setting.isList {
      let options = try ServingOptions.parse([setting.flag, "value"])
      #expect(options.settings.values == [setting.key: "value"])
    }
  }

  @Test func nothingIsSetWhereNothingIsSaid() throws {
    #expect(try ServingOptions.parse([]).settings.values.isEmpty)
  }

  @Test func helpNamesEverySettingWithItsDefault() {
    let help = Run.helpMessage(columns: 10_000)
    for setting in Setting<Configuration>.all where !setting.isList {
      #expect(help.contains(setting.flag))
      #expect(help.contains("default: \(setting.defaultText)") || setting.defaultText.isEmpty)
    }
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
  }
}
