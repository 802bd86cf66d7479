import ArgumentParser

struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show the version.")

  func run() throws {
    var output = StandardOutput()
    try output.line("outrider \(Outrider.version)")
    try output.flush()
  }
}
