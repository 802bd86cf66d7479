import ArgumentParser
import EventModel
import JSON
import RPC
import SidecarConfiguration
import Timing
import Wire

/// Serves the projector role, and rebuilds its projections.
struct Projector: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: Role.projector.rawValue,
    abstract: "Feed the projector logic with events, and store its projections; rebuild them.",
    discussion: """
      Without a subcommand it serves: see `outrider projector serve --help` for its settings. The \
      other subcommands ask a projector that runs.
      """,
    subcommands: [
      ServeProjector.self, Rebuild.self, Status.self, Switch.self, Rollback.self, Drop.self,
    ],
    defaultSubcommand: ServeProjector.self)

  private static let service = "outrider.v1.Rebuilds"

  /// The projector and its domain.
  struct Target: ParsableArguments {
    @Argument(help: "The projector's name.") var name: Name
    @Argument(help: "The domain. (default: the only one that the projector serves)")
    var domain: Name?

    var wire: OutriderV1.RebuildTarget { .init(projector: name, domain: domain ?? "") }
  }

  struct Rebuild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Rebuild projections with the current logic, beside the live ones.",
      discussion: """
        Begins, or goes on to watch, and ends when the new projections have caught up with the \
        log. It runs in the projector, and goes on there if this command is interrupted. Queries \
        see none of it until `outrider projector switch`.
        """)

    @OptionGroup var target: Target
    @Flag(help: "Then compare with what queries read: exits as refused at the first difference.")
    var verify = false
    @Flag(help: "Then have queries read the new projections, if nothing was refused.")
    var `switch` = false
    @Option(help: "Events a second at most, to leave room to commands.") var throttle: Int?
    @OptionGroup var client: ClientOptions

    func validate() throws {
      if let throttle, throttle < 1 { throw ValidationError("--throttle must be at least 1") }
    }

    func run() async throws {
      let (target, options, throttle) = (target.wire, client, throttle)
      let (verify, mustSwitch) = (verify, self.switch)
      try await Client.with(options, default: .projector) { client, output in
        var state = try await client.call(
          service, "Get", target, as: OutriderV1.RebuildState.self)
        if state.candidate == nil {
          let request = OutriderV1.StartRebuildRequest(target, eventsPerSecond: throttle)
          state = try await client.call(
            service, "Start", request, as: OutriderV1.RebuildState.self)
        } else {
          complain("a rebuild is under way: watching it")
        }
        state = try await caughtUp(state, client)
        try state.show(json: options.json, to: &output)
        if verify { try await compare(target, client, options.json, &output) }
      }
      if mustSwitch {
        try await ask("SwitchOver", OutriderV1.SwitchRebuildRequest(target), options)
      }
    }

    /// Waits until the candidate has handled the log.
    private func caughtUp(
      _ begin: OutriderV1.RebuildState, _ client: Client
    ) async throws -> OutriderV1.RebuildState {
      var state = begin
      var line = ProgressLine()
      let pace = RebuildPace(from: state, at: Environment.live.instant())
      while let candidate = state.candidate {
        if candidate.lag(behind: state.heads) == 0 { break }
        line.show(pace.text(of: state, at: Environment.live.instant()))
        try await Environment.live.sleep(.milliseconds(200))
        state = try await client.call(
          service, "Get", state.target, as: OutriderV1.RebuildState.self)
      }
      line.clear()
      guard state.candidate != nil else {
        throw Failure(.refused, "the rebuild was dropped, or switched to, by somebody else")
      }
      return state
    }

    private func compare(
      _ target: OutriderV1.RebuildTarget, _ client: Client, _ json: Bool,
      _ output: inout StandardOutput
    ) async throws {
      var line = ProgressLine()
      var last = OutriderV1.VerifyProgress(equal: 0)
      try await client.stream(
        service, "Verify", target, as: OutriderV1.VerifyProgress.self, isEndless: true
      ) { progress in
        last = progress
        line.show("\(progress.equal) aggregates are equal")
      }
      line.clear()
      guard let difference = last.difference else {
        try output.line(
          json
            ? JSONValue.object([
              .init("equal", .integer(last.equal)), .init("difference", .null),
            ]).text : "all \(last.equal) aggregates are equal")
        return
      }
      let text = difference.text(of: target)
      if json {
        try output.line(
          JSONValue.object([
            .init("equal", .integer(last.equal)), .init("difference", .string(text)),
          ]).text)
      }
      throw Failure(.refused, text)
    }
  }

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the generations of a projector's projections, and how far they are.")

    @OptionGroup var target: Target
    @OptionGroup var client: ClientOptions

    func run() async throws { try await ask("Get", target.wire, client) }
  }

  struct Switch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Switch queries to the rebuilt projections.",
      discussion: """
        Waits until they have caught up with the log. What queries read until now is kept up to \
        date: `outrider projector rollback` goes back to it.
        """)

    @OptionGroup var target: Target
    @Flag(help: "Even if the new projections parked aggregates that the old ones did not.")
    var evenIfParked = false
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let request = OutriderV1.SwitchRebuildRequest(target.wire, evenIfParked: evenIfParked)
      try await ask("SwitchOver", request, client)
    }
  }

  struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Have queries read the projections again that they read before a switch.")

    @OptionGroup var target: Target
    @OptionGroup var client: ClientOptions

    func run() async throws { try await ask("Rollback", target.wire, client) }
  }

  struct Drop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give up projections that queries do not read, and remove them.")

    @OptionGroup var target: Target
    @Option(
      help: "Which. (default: what a rebuild makes, or what queries read before the last switch)")
    var generation: UInt32?
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let request = OutriderV1.DropRebuildRequest(target.wire, generation: generation)
      try await ask("Drop", request, client)
    }
  }

  /// Makes one call, and shows the resulting state.
  private static func ask(
    _ method: String, _ request: some WireEncodable & Sendable, _ options: ClientOptions
  ) async throws {
    try await Client.with(options, default: .projector) { client, output in
      let state = try await client.call(
        service, method, request, as: OutriderV1.RebuildState.self)
      try state.show(json: options.json, to: &output)
    }
  }
}
