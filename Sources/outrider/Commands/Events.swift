import ArgumentParser
import EventModel
import SidecarRuntime
import Wire

/// Shows the events of one aggregate.
struct Events: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show an aggregate's events.",
    discussion: "Example: outrider events bank/0190163d-8694-739b-aea5-966c26f8ad91")

  @OptionGroup var aggregate: AggregateArguments

  @Option(help: "The first event wanted.")
  var from: UInt32 = 0

  @Option(help: "The first event not wanted any more. (default: all there are)")
  var upTo: UInt32?

  @OptionGroup var payloads: PayloadOptions
  @OptionGroup var client: ClientOptions

  func run() async throws {
    if let upTo, upTo <= from { throw Failure(.usage, "--up-to must be above --from") }
    let cover = try aggregate.cover()
    let (types, json) = (try payloads.types(client), client.json)
    let query = Evented.Query(
      cover: cover, lower: SequenceNumber(from), upper: upTo.map { SequenceNumber($0) })
    try await Client.with(client, default: .queryHandler) { client, output in
      let printer = EventPrinter(
        payloads: PayloadPrinter(types: types, client: client), json: json)
      var isEmpty = true
      try await client.stream("evented.EventQuery", "GetEvents", query, as: EventBook.self) {
        isEmpty = isEmpty && $0.pages.isEmpty
        try await printer.show($0, to: &output)
      }
      if isEmpty {
        complain("\(cover) has no events\(from > 0 || upTo != nil ? " within these bounds" : "")")
      }
    }
  }
}
