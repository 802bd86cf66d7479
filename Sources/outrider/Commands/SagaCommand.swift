import ArgumentParser
import EventModel
import JSON
import Payloads
import SidecarConfiguration
import Wire

/// Serves the saga role, and shows its instances.
struct Saga: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: Role.saga.rawValue,
    abstract: "Feed the logic of sagas, and send their commands; show their instances.",
    discussion: """
      Without a subcommand it serves: see `outrider saga serve --help` for its settings. `list` \
      and `show` ask a saga sidecar that runs; `try` needs none.
      """,
    subcommands: [ServeSaga.self, List.self, Show.self, Try.self], defaultSubcommand: ServeSaga.self
  )

  private static let service = "outrider.v1.Sagas"

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the instances of a saga, one a line.")

    @Argument(help: "The saga's name. (default: the only one that is served there)")
    var name: Name?
    @Flag(help: "Only those that have not finished.") var unfinished = false
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let json = client.json
      var request = OutriderV1.ListSagaInstancesRequest(
        saga: name, unfinished: unfinished, page: .init(size: 1000))
      try await Client.with(client, default: .saga) { client, output in
        var isEmpty = true
        repeat {
          let page = try await client.call(
            service, "List", request, as: OutriderV1.ListSagaInstancesResponse.self)
          for instance in page.instances {
            isEmpty = false
            try output.line(json ? JSONValue.object(instance.members).text : instance.line)
          }
          request.page.token = page.nextPage
        } while !request.page.token.isEmpty
        if isEmpty { complain("there is no instance") }
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show one instance: its state, every step and its answer, and what it waits for.")

    @Argument(help: "The saga's name.") var name: Name
    @Argument(help: "The instance's key: a correlation, a root, or a header's value.")
    var key: Name
    @OptionGroup var payloads: PayloadOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let (types, json) = (try await payloads.types(client), client.json)
      let request = OutriderV1.GetSagaInstanceRequest(saga: name, key: key)
      try await Client.with(client, default: .saga) { client, output in
        let printer = SagaPrinter(
          payloads: PayloadPrinter(types: types, client: client), json: json)
        let instance = try await client.call(
          service, "Get", request, as: OutriderV1.SagaInstance.self)
        try await printer.show(instance, to: &output)
      }
    }
  }
}
