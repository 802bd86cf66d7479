import ArgumentParser
import EventModel
import JSON
import SidecarConfiguration
import Sidecars
import Wire

/// Shows the schema of a domain's payloads, and tries a new one.
struct SchemaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Show the schema of a domain's payloads, and check a new one.",
    discussion: """
      A command-handler registers the schema that its setting schema.file names when it starts. \
      These commands change nothing.
      """,
    subcommands: [Show.self, History.self, Check.self])

  private static let service = "outrider.v1.Schemas"

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a schema: an Avro schema as it was registered, a descriptor set's messages.")

    @Argument(help: "The domain.") var domain: Name
    @Option(help: "Which version. (default: the last one)") var version: UInt32?
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let json = client.json
      let request = OutriderV1.GetSchemaRequest(
        domain: domain, version: version.map { .number(Int($0)) } ?? .last)
      try await Client.with(client, default: .queryHandler) { client, output in
        let version = try await client.call(
          service, "Get", request, as: OutriderV1.SchemaVersion.self)
        if json {
          var members = version.members
          let schema = version.registered.schema
          members.append(
            .init("schema", (try? JSONValue.parse(schema)) ?? .string(base64: schema)))
          return try output.line(JSONValue.object(members).text)
        }
        switch version.registered.kind {
        case .avro:
          let text = String(decoding: version.registered.schema, as: UTF8.self)
          for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            try output.line(String(line))
          }
        case .protobuf: for type in version.types { try output.line(type.name) }
        }
      }
    }
  }

  struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show all versions of a schema, the oldest first.")

    @Argument(help: "The domain.") var domain: Name
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let (json, request) = (client.json, OutriderV1.SchemaHistoryRequest(domain: domain))
      try await Client.with(client, default: .queryHandler) { client, output in
        let history = try await client.call(
          service, "History", request, as: OutriderV1.SchemaHistoryResponse.self)
        for version in history.versions {
          if json {
            try output.line(JSONValue.object(version.members).text)
            continue
          }
          try output.line(
            "version \(version.number), \(version.registered.kind.rawValue), "
              + "\(version.registered.compatibility.rawValue), \(version.registeredAt.text)")
          for type in version.types {
            try output.line("  \(padded(type.fingerprint, 16))  \(type.name)")
          }
        }
      }
    }
  }

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say whether a new schema goes together with the last version and with all events.",
      discussion: """
        Reads the whole log. Exits with 0 where the schema can be registered and reads every event, \
        else with 1.
        """)

    @Argument(help: "The domain.") var domain: Name
    @Argument(help: "The file with the new schema.") var file: String
    @Option(
      help: ArgumentHelp(
        "What is asked of it: backward, forward, full or none. (default: as the last version)",
        valueName: "choice"))
    var compatibility: SchemaCompatibility?
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let bytes = try readFile(file)
      do { _ = try DomainSchema(bytes) } catch { throw Failure(.badData, "\(file): \(error)") }
      let (json, domain, file) = (client.json, domain, file)
      let request = OutriderV1.CheckSchemaRequest(
        domain: domain, schema: bytes, compatibility: compatibility)
      var report = OutriderV1.SchemaReport()
      try await Client.with(client, default: .queryHandler) { client, output in
        var progress = ProgressLine()
        try await client.stream(
          service, "Check", request, as: OutriderV1.SchemaReport.self, isEndless: true
        ) {
          report = $0
          progress.show("\(report.eventsRead) events")
        }
        progress.clear()
        guard report.isDone else {
          throw Failure(.tryAgain, "the server ended before it had read the whole log")
        }
        if json { return try output.line(report.json.text) }
        for line in report.lines { try output.line(line) }
      }
      guard report.reasons.isEmpty, report.findings.isEmpty else {
        throw Failure(.refused, "\(file) is not for the events of \(domain) as they are")
      }
    }
  }
}

extension SchemaCompatibility: ExpressibleByArgument {}
