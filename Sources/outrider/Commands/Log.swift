import ArgumentParser
import EventModel
import JSON
import Payloads
import SidecarConfiguration
import Wire

/// Shows a domain's log.
struct Log: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show everything that happened in a domain, in order.")

  @Argument(help: "The domain.")
  var domain: Name

  @Flag(help: "Stay, and show what comes.")
  var follow = false

  @Option(help: "Begin after this position.")
  var after: UInt64 = 0

  @Option(help: "Which part of a log that is split.")
  var partition: UInt32 = 0

  @Option(help: "End after so many commits. (default: no limit)")
  var limit: Int?

  @OptionGroup var payloads: PayloadOptions
  @OptionGroup var client: ClientOptions

  func run() async throws {
    let (types, json) = (try await payloads.types(client), client.json)
    let (domain, follow) = (domain, follow)
    let request = OutriderV1.ReadLogRequest(
      domain: domain, after: Position(partition: partition, number: after), follow: follow,
      limit: limit)
    try await Client.with(client, default: .queryHandler) { client, output in
      let printer = EventPrinter(
        payloads: PayloadPrinter(types: types, client: client), json: json)
      var isEmpty = true
      try await client.stream(
        "outrider.v1.Log", "Read", request, as: OutriderV1.LogEntry.self, isEndless: follow
      ) { entry in
        isEmpty = false
        try await show(entry, printer, to: &output)
        if follow { try output.flush() }
      }
      if isEmpty {
        complain("the log of \(domain) has nothing\(after > 0 ? " after \(after)" : "")")
      }
    }
  }

  private func show(
    _ entry: OutriderV1.LogEntry, _ printer: EventPrinter, to output: inout StandardOutput
  ) async throws {
    switch entry.content {
    case .commit(let book, _, _):
      try await printer.show(book, position: entry.position, to: &output)
    case .tombstone where printer.json:
      try output.line(
        JSONValue.object(entry.position.members + [.init("tombstone", .bool(true))]).text)
    case .tombstone: try output.line("\(padded("\(entry.position)", 6)) (nothing was written here)")
    }
  }
}
