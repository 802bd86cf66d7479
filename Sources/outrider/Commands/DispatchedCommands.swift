import ArgumentParser
import EventModel
import SidecarConfiguration
import Wire

/// Manages commands dispatched by `send --async`.
struct DispatchedCommands: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "command",
    abstract: "Show, await, cancel and watch commands that were sent with --async.",
    discussion: "A command is named DOMAIN/ROOT/ID, as `outrider send --async` shows it.",
    subcommands: [Get.self, Await.self, Cancel.self, List.self, Watch.self])

  private static let service = "outrider.v1.Commands"

  /// The command's name.
  struct Target: ParsableArguments {
    @Argument(help: "The command, as DOMAIN/ROOT/ID.") var command: CommandName
    @OptionGroup var payloads: PayloadOptions
    @OptionGroup var client: ClientOptions

    /// Calls the method, and shows the command's status.
    func ask(_ method: String) async throws -> OutriderV1.CommandStatus {
      let (types, json) = (try await payloads.types(client), client.json)
      var answer: OutriderV1.CommandStatus?
      try await Client.with(client, default: .commandHandler) { client, output in
        let status = try await client.call(
          service, method, command.reference, as: OutriderV1.CommandStatus.self)
        answer = status
        try await CommandPrinter(
          payloads: PayloadPrinter(types: types, client: client), json: json
        ).show(status, to: &output)
      }
      guard let answer else { throw Failure(.software, "there was no answer") }
      return answer
    }
  }

  struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show how a command stands.")

    @OptionGroup var target: Target

    func run() async throws { _ = try await target.ask("Get") }
  }

  struct Await: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Wait until a command has ended, and show how.",
      discussion: """
        Waits as long as --deadline says. Exits as refused where the command was refused, expired \
        or was cancelled, and as worth another try where it has not ended yet: see `outrider \
        exit-codes`.
        """)

    @OptionGroup var target: Target

    func run() async throws {
      let status = try await target.ask("Await")
      switch status.outcome.end {
      case .appended, .nothingToDo: break
      case .refused, .expired, .cancelled: throw ExitCode(Outcome.refused.rawValue)
      case nil:
        throw Failure(
          .tryAgain, "it has not ended within \(target.client.deadline): await it again")
      }
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a command back whose time (--not-before) has not come.")

    @OptionGroup var target: Target

    func run() async throws { _ = try await target.ask("Cancel") }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the commands that have not ended.",
      discussion: "Those that are due come first, in their order; then the others by their time.")

    @Argument(help: "The domain.") var domain: Name
    @OptionGroup var payloads: PayloadOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let (types, domain, json) = (try await payloads.types(client), domain, client.json)
      try await Client.with(client, default: .commandHandler) { client, output in
        let printer = CommandPrinter(
          payloads: PayloadPrinter(types: types, client: client), json: json)
        var request = OutriderV1.ListCommandsRequest(domain: domain)
        var isEmpty = true
        repeat {
          let page = try await client.call(
            service, "List", request, as: OutriderV1.ListCommandsResponse.self)
          for command in page.commands {
            isEmpty = false
            try await printer.show(command, to: &output)
          }
          request.page.token = page.nextPage
        } while !request.page.token.isEmpty
        if isEmpty { complain("every command that was dispatched to \(domain) has ended") }
      }
    }
  }

  struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stay, and show how commands end.")

    @Argument(help: "The domain.") var domain: Name
    @OptionGroup var payloads: PayloadOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let (types, domain, json) = (try await payloads.types(client), domain, client.json)
      try await Client.with(client, default: .commandHandler) { client, output in
        let printer = CommandPrinter(
          payloads: PayloadPrinter(types: types, client: client), json: json)
        try await client.stream(
          service, "Watch", OutriderV1.WatchCommandsRequest(domain: domain),
          as: OutriderV1.CommandStatus.self, isEndless: true
        ) { status in
          try await printer.show(status, to: &output)
          try output.flush()
        }
      }
    }
  }
}

/// A dispatched command as printed: `DOMAIN/ROOT/ID`.
struct CommandName: ExpressibleByArgument, Equatable {
  let reference: CommandReference

  /// Domain and id may contain slashes: the root is the first part that is a UUID.
  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard let place = parts.indices.dropFirst().first(where: { Root(String(parts[$0])) != nil }),
      let root = Root(String(parts[place]))
    else { return nil }
    let domain = Name(parts[..<place].joined(separator: "/"))
    let id = parts[(place + 1)...].joined(separator: "/")
    if domain.isEmpty || id.isEmpty { return nil }
    reference = CommandReference(cover: Cover(domain: domain, root: root), commandID: id)
  }
}
