import ArgumentParser
import JSON
import RPC
import SidecarConfiguration
import Sidecars
import Timing
import Wire

/// Shows the state of a deployment, and the remedies.
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show on one screen how everything is, and what to do.",
    discussion: """
      Asks every role of the deployment, or the addresses that are given. The last line says what \
      to do first, or that all is well. Exit codes for scripts: \(Outcome.ok.rawValue) all is well, \
      \(Outcome.warning.rawValue) a warning, \(Outcome.failing.rawValue) something fails, \
      \(Outcome.unavailable.rawValue) an address does not answer.
      """)

  private static let interval = Duration.seconds(2)

  @Argument(help: "Where to ask: HOST:PORT or unix:PATH. (default: as the deployment has it)")
  var addresses: [String] = []

  @Flag(help: "Show it anew every two seconds, until it is interrupted.")
  var watch = false

  @OptionGroup var client: ClientOptions

  func validate() throws {
    if !addresses.isEmpty, client.address != nil {
      throw ValidationError("name the addresses, or give --address, but not both")
    }
  }

  func run() async throws {
    let deployment = try await client.deployment()
    let asked = try addresses.isEmpty ? known(in: deployment) : addresses
    guard watch else { return try await show(asked, deployment) }
    while true {
      StatusScreen.clear()
      do { try await show(asked, deployment) } catch is ExitCode {}
      try await Environment.live.sleep(Self.interval)
    }
  }

  private func known(in deployment: Deployment) throws -> [String] {
    let known = Role.called.compactMap { deployment.addresses[$0] }
    guard !known.isEmpty else {
      throw Failure(.usage, "it is not known where anything listens: give an address")
    }
    return distinct(known)
  }

  private func show(_ addresses: [String], _ deployment: Deployment) async throws {
    let answers = try await StatusCaller(deployment: deployment, options: client).ask(addresses)
    let findings = answers.findings(beyond: deployment.statusLimits)
    let screen = StatusScreen(answers: answers, findings: findings)
    try await StandardOutput.with { output in
      for line in try client.json ? screen.json() : screen.lines { try output.line(line) }
    }
    let outcome = Outcome(findings)
    if outcome != .ok { throw ExitCode(outcome.rawValue) }
  }
}

extension Outcome {
  /// The outcome of the worst finding.
  init(_ findings: [OutriderV1.Finding]) {
    self =
      if findings.contains(where: { $0.code == FindingKind.unreachable.rawValue }) {
        .unavailable
      } else if findings.contains(where: { $0.severity == .failing }) {
        .failing
      } else {
        findings.isEmpty ? .ok : .warning
      }
  }
}
