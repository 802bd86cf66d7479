import Testing

@testable import outrider

@Suite struct MistypedTests {
  private func mistake(_ line: String) -> String? {
    let arguments = line.split(separator: " ").map(String.init)
    return CommandPath(arguments).mistake(in: arguments)
  }

  @Test func subcommandIsSuggested() {
    #expect(
      mistake("sned --type x") == #"there is no command "sned" of outrider; did you mean send?"#)
    #expect(
      mistake("projection gte p")
        == #"there is no command "gte" of outrider projection; did you mean get?"#)
    #expect(mistake("zebra") == #"there is no command "zebra" of outrider"#)
  }

  @Test func optionIsSuggested() {
    #expect(
      mistake("send --dmain bank --type x")
        == "outrider send has no option --dmain; did you mean --domain?")
    #expect(
      mistake("command-handler --port-comand-handler=1")
        == "outrider command-handler has no option --port-comand-handler; "
        + "did you mean --port-command-handler?"
    )
  }

  @Test(arguments: [
    "", "send --domain bank", "run --store memory -- python3 --no-such-option", "help sned",
    "events bank/x --json", "--version", "query-handler --port-projector 1",
  ])
  func rightNamesAreNoMistake(line: String) { #expect(mistake(line) == nil) }

  @Test func pathIsWhatAPersonTypes() {
    #expect(CommandPath(["projection", "get", "p"]).text == "outrider projection get")
    #expect(CommandPath([]).text == "outrider")
  }
}
