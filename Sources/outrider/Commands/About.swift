import ArgumentParser

// Commands that describe the executable.

struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show the version.")

  func run() throws {
    var output = StandardOutput()
    try output.line("outrider \(Outrider.version)")
    try output.flush()
  }
}

/// Shows what each exit code means.
struct ExitCodes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exit-codes", abstract: "Show what each exit code means.",
    discussion: Outcome.table)

  func run() throws {
    var output = StandardOutput()
    for line in Outcome.table.split(separator: "\n") { try output.line(String(line)) }
    try output.flush()
  }
}
