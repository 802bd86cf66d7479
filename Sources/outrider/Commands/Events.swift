import ArgumentParser
import EventModel
import JSON
import Payloads
import SidecarConfiguration
import Wire

/// Shows the events of one aggregate.
struct Events: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show an aggregate's events.",
    discussion: """
      Examples:
        outrider events bank/0190163d-8694-739b-aea5-966c26f8ad91
        outrider events bank --stats     which aggregates have the longest histories
      """)

  @OptionGroup var aggregate: AggregateArguments

  @Option(help: "The first event wanted.")
  var from: UInt32 = 0

  @Option(help: "The first event not wanted any more. (default: all there are)")
  var upTo: UInt32?

  @Flag(
    help: """
      Show how long histories are, instead of events: what business logic gets with each command. \
      The longest of a domain come first.
      """)
  var stats = false

  @Option(help: "With --stats: so many aggregates.")
  var top = 20

  @OptionGroup var payloads: PayloadOptions
  @OptionGroup var client: ClientOptions

  func run() async throws {
    if stats { return try await showStatistics() }
    if let upTo, upTo <= from { throw Failure(.usage, "--up-to must be above --from") }
    let cover = try aggregate.cover()
    let (types, json) = (try await payloads.types(client), client.json)
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

  private func showStatistics() async throws {
    let cover = aggregate.isDomainAlone ? nil : try aggregate.cover()
    let domain = cover?.domain ?? aggregate.domain
    let (json, top) = (client.json, top)
    try await Client.with(client, default: .queryHandler) { client, output in
      var progress = ProgressLine()
      let statistics = try await HistoryStatistics(of: domain, from: client) { position, head in
        progress.show("position \(position) of \(head)")
      }
      progress.clear()
      let shown =
        cover.map { cover in
          statistics.histories[cover.root].map { [(root: cover.root, history: $0)] } ?? []
        } ?? statistics.longest(top)
      if shown.isEmpty { complain("\(cover.map { "\($0)" } ?? "\(domain)") has no events") }
      for (root, history) in shown {
        try output.line(
          json
            ? history.json(of: Cover(domain: domain, root: root)).text
            : history.text(of: Cover(domain: domain, root: root)))
      }
    }
  }
}

extension HistoryStatistics.History {
  fileprivate func text(of cover: Cover) -> String {
    "\(cover)  \(padded("\(eventCount)", 7)) events; history: \(padded("\(historyCount)", 7)) "
      + "events, \(historyBytes) bytes"
  }

  fileprivate func json(of cover: Cover) -> JSONValue {
    .object(
      cover.members + [
        .init("events", .integer(eventCount)), .init("historyEvents", .integer(historyCount)),
        .init("historyBytes", .integer(historyBytes)),
      ])
  }
}
