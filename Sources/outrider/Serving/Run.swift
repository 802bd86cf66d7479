import ArgumentParser
import Logging
import LogicProcesses
import ServiceLifecycle
import SidecarConfiguration
import SidecarRuntime
import Telemetry

/// Serves every role, and starts the logic beside it.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Serve every role in one process, with the logic beside it: for development, or one machine.",
    discussion: """
      The command after -- is started with OUTRIDER_LOGIC_ADDRESS, OUTRIDER_PROJECTOR_ADDRESS and \
      PORT in its environment, which say where its logic is to listen: on free ports, unless addresses are \
      given. OUTRIDER_LOGIC_PROTOCOL is grpc, or http with --logic-protocol http. It gets no other variable of Outrider's. It is started again when it dies, and stopped at \
      the end. Without a command, logic that runs already is used.

      \(settingsHelp)
      """)

  @OptionGroup var options: ServingOptions<EveryRole>

  @Argument(parsing: .postTerminator, help: "The program that serves the logic, after --.")
  var command: [String] = []

  func run() async throws {
    let startup = try await options.startup("outrider", command: command)
    var configuration = startup.configuration
    for index in configuration.domains.indices {
      try configuration.domains[index].chooseAddresses()
    }
    var environment = processEnvironment()
    // The token gives access to the configuration and its passwords.
    if configuration.consul != nil { environment[ConsulKey.tokenVariable] = nil }
    for index in configuration.sagas.indices { try configuration.sagas[index].chooseAddress() }
    let commands =
      configuration.domains.compactMap { ChildCommand(of: $0, environment: environment) }
      + configuration.sagas.compactMap { ChildCommand(of: $0, environment: environment) }
    let logic = commands.map { LogicProcess($0, logger: startup.output.logger($0.name)) }
    let process = SidecarProcess(
      configuration, roles: configuration.standardRoles, version: Outrider.version,
      logger: startup.logger, changes: startup.changes)
    try await process.run(starting: logic) { [configuration] progress in
      var output = StandardOutput()
      switch progress {
      case .listening(let listening):
        try? greet(configuration, listening.map { ($0.name, "\($0.address)") }, &output)
      case .ready: try? output.line("ready")
      }
      try? output.flush()
    }
  }

  /// Prints the addresses.
  private func greet(
    _ configuration: Configuration, _ listening: [(name: String, address: String)],
    _ output: inout StandardOutput
  ) throws {
    try output.line("Outrider \(Outrider.version), events in \(configuration.store)")
    for (name, address) in listening { try output.line("  \(padded(name, 16)) \(address)") }
    for domain in configuration.domains {
      let name = domain.name.map { " of \($0)" } ?? ""
      try output.line("  \(padded("logic\(name)", 16)) \(domain.logic)")
      for projector in domain.projectors {
        try output.line("  \(padded("\(projector.name) logic", 16)) \(projector.logic)")
      }
    }
    for saga in configuration.sagas {
      let logic = saga.rules ?? "\(saga.logic)"
      try output.line("  \(padded("saga \(saga.name)", 16)) \(logic)")
    }
  }
}
