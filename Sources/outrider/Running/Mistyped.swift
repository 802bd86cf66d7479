import ArgumentParser
import SidecarConfiguration

/// The words of a command line that name a subcommand, and the first unknown one.
struct CommandPath {
  /// As typed: `outrider projection get`.
  private(set) var text = "outrider"
  private(set) var command: any ParsableCommand.Type = Outrider.self
  /// The word in place of a subcommand that is not one.
  private(set) var unknown: String?

  init(_ arguments: [String]) {
    for argument in arguments {
      let subcommands = command.configuration.subcommands
      if subcommands.isEmpty || argument.hasPrefix("-") || argument == "help" { return }
      guard let next = subcommands.first(where: { $0._commandName == argument }) else {
        unknown = argument
        return
      }
      command = next
      text += " \(argument)"
    }
  }

  /// An unknown subcommand or option, with the likely one; nil if all names are right.
  func mistake(in arguments: [String]) -> String? {
    if let unknown {
      let names = command.configuration.subcommands.map { $0._commandName }
      return "there is no command \"\(unknown)\" of \(text)" + guess(unknown, names)
    }
    let known = options
    for argument in arguments.prefix(while: { $0 != "--" }) where argument.hasPrefix("--") {
      let option = String(argument.prefix { $0 != "=" })
      if !known.contains(option) {
        return "\(text) has no option \(option)" + guess(option, known.sorted())
      }
    }
    return nil
  }

  /// The long options in the command's help, hidden ones too.
  private var options: Set<String> {
    let help = command.helpMessage(includeHidden: true, columns: 10_000)
    let words = help.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-")) }
    return Set(words.filter { $0.hasPrefix("--") }.map(String.init)).union(["--help", "--version"])
  }

  private func guess(_ name: String, _ known: [String]) -> String {
    nearest(to: name, in: known).map { "; did you mean \($0)?" } ?? ""
  }
}
