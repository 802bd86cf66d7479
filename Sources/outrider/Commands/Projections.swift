import ArgumentParser
import EventModel
import SidecarRuntime
import Wire

/// Shows stored projections.
struct Projections: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "projection", abstract: "Show what projectors made of the events.",
    subcommands: [Get.self, List.self, Watch.self])

  private static let service = "outrider.v1.Projections"

  struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show one aggregate's projection.")

    @Argument(help: "The projector's name.") var projector: Name
    @Argument(help: "The aggregate's domain.") var domain: Name
    @Argument(help: "The aggregate's root, a UUID.") var root: Root
    @Option(help: "Wait until the projector has handled the log up to this position.")
    var after: Position?
    @OptionGroup var payloads: PayloadOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let printer = ProjectionPrinter(payloads: try payloads.printer(), json: client.json)
      let request = OutriderV1.GetProjectionRequest(
        projector: projector, cover: Cover(domain: domain, root: root), atLeast: after)
      try await Client.with(client, default: .queryHandler) { client in
        var output = StandardOutput()
        let record = try await client.call(
          service, "Get", request, as: OutriderV1.ProjectionRecord.self)
        try printer.show(record.projection, updatedAt: record.updatedAt, to: &output)
        try output.flush()
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the projections of all aggregates of a domain.")

    @Argument(help: "The projector's name.") var projector: Name
    @Argument(help: "The domain.") var domain: Name
    @OptionGroup var payloads: PayloadOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let printer = ProjectionPrinter(payloads: try payloads.printer(), json: client.json)
      var request = OutriderV1.ListProjectionsRequest(
        projector: projector, domain: domain, page: .init(size: 1000))
      try await Client.with(client, default: .queryHandler) { client in
        var output = StandardOutput()
        repeat {
          let page = try await client.call(
            service, "List", request, as: OutriderV1.ListProjectionsResponse.self)
          for record in page.records {
            try printer.show(record.projection, updatedAt: record.updatedAt, to: &output)
          }
          request.page.token = page.nextPage
        } while !request.page.token.isEmpty
        try output.flush()
      }
    }
  }

  struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show projections as they are, then as they change.")

    @Argument(help: "The projector's name.") var projector: Name
    @Argument(help: "The domain.") var domain: Name
    @Argument(help: "Only these aggregates' roots.") var roots: [Root] = []
    @OptionGroup var payloads: PayloadOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let printer = ProjectionPrinter(payloads: try payloads.printer(), json: client.json)
      let request = OutriderV1.WatchProjectionsRequest(
        projector: projector, domain: domain, roots: roots)
      try await Client.with(client, default: .queryHandler) { client in
        var output = StandardOutput()
        try await client.stream(
          service, "Watch", request, as: OutriderV1.ProjectionRecord.self, isEndless: true
        ) { record in
          try printer.show(record.projection, updatedAt: record.updatedAt, to: &output)
          try output.flush()
        }
      }
    }
  }
}
