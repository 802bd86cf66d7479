import ArgumentParser
import EventModel
import SidecarConfiguration
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
    @OptionGroup var aggregate: AggregateArguments
    @OptionGroup var settled: SettledOption
    @OptionGroup var payloads: PayloadOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let (types, json) = (try await payloads.types(client), client.json)
      let request = OutriderV1.GetProjectionRequest(
        projector: projector, cover: try aggregate.cover(), atLeast: settled.after)
      try await Client.with(client, default: .queryHandler) { client, output in
        let printer = ProjectionPrinter(
          payloads: PayloadPrinter(types: types, client: client), json: json)
        let record = try await client.call(
          service, "Get", request, as: OutriderV1.ProjectionRecord.self)
        try await printer.show(record.projection, updatedAt: record.updatedAt, to: &output)
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the projections of all aggregates of a domain.")

    @Argument(help: "The projector's name.") var projector: Name
    @Argument(help: "The domain.") var domain: Name
    @OptionGroup var settled: SettledOption
    @OptionGroup var payloads: PayloadOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let (types, json) = (try await payloads.types(client), client.json)
      var request = OutriderV1.ListProjectionsRequest(
        projector: projector, domain: domain, page: .init(size: 1000),
        atLeast: settled.after)
      try await Client.with(client, default: .queryHandler) { client, output in
        let printer = ProjectionPrinter(
          payloads: PayloadPrinter(types: types, client: client), json: json)
        var isEmpty = true
        repeat {
          let page = try await client.call(
            service, "List", request, as: OutriderV1.ListProjectionsResponse.self)
          for record in page.records {
            isEmpty = false
            try await printer.show(record.projection, updatedAt: record.updatedAt, to: &output)
          }
          request.page.token = page.nextPage
        } while !request.page.token.isEmpty
        if isEmpty { complain("\(projector) has no projections of \(domain)") }
      }
    }
  }

  struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show projections as they are, then as they change.")

    @Argument(help: "The projector's name.") var projector: Name
    @Argument(help: "The domain; or an aggregate, as DOMAIN/UUID.") var domain: Name
    @Argument(help: "Only these aggregates: roots, or DOMAIN/UUID.") var roots: [AggregateName] = []
    @OptionGroup var settled: SettledOption
    @OptionGroup var payloads: PayloadOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let (types, json) = (try await payloads.types(client), client.json)
      let first = AggregateName(argument: domain.text)
      let covers = try ([first].compactMap(\.self) + roots).map { name throws(Failure) in
        try name.cover(in: first?.domain ?? domain)
      }
      let request = OutriderV1.WatchProjectionsRequest(
        projector: projector, domain: first?.domain ?? domain, roots: covers.map(\.root),
        atLeast: settled.after)
      try await Client.with(client, default: .queryHandler) { client, output in
        let printer = ProjectionPrinter(
          payloads: PayloadPrinter(types: types, client: client), json: json)
        try await client.stream(
          service, "Watch", request, as: OutriderV1.ProjectionRecord.self, isEndless: true
        ) { record in
          try await printer.show(record.projection, updatedAt: record.updatedAt, to: &output)
          try output.flush()
        }
      }
    }
  }
}

/// The progress that the projector must reach before the query.
struct SettledOption: ParsableArguments {
  @Option(
    help: """
      Wait until the projector has handled the log up to this position, as \
      `outrider send --json` prints it: NUMBER, or PARTITION:NUMBER.
      """)
  var after: Position?
}
