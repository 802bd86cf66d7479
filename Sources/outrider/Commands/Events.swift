import ArgumentParser
import EventModel
import SidecarRuntime
import Wire

/// Shows the events of one aggregate.
struct Events: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show an aggregate's events.")

  @Argument(help: "The aggregate's domain.")
  var domain: Name

  @Argument(help: "The aggregate's root, a UUID.")
  var root: Root

  @Option(help: "The first event wanted.")
  var from: UInt32 = 0

  @Option(help: "The first event not wanted any more. (default: all there are)")
  var upTo: UInt32?

  @OptionGroup var payloads: PayloadOptions
  @OptionGroup var client: ClientOptions

  func run() async throws {
    if let upTo, upTo <= from { throw ValidationError("--up-to must be above --from") }
    let printer = EventPrinter(payloads: try payloads.printer(), json: client.json)
    let query = Evented.Query(
      cover: Cover(domain: domain, root: root), lower: SequenceNumber(from),
      upper: upTo.map { SequenceNumber($0) })
    try await Client.with(client, default: .queryHandler) { client in
      var output = StandardOutput()
      try await client.stream("evented.EventQuery", "GetEvents", query, as: EventBook.self) {
        try printer.show($0, to: &output)
      }
      try output.flush()
    }
  }
}
