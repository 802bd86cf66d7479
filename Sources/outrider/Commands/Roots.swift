import ArgumentParser
import EventModel
import JSON
import Payloads
import SidecarConfiguration
import Wire

/// Lists aggregates.
struct Roots: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show the roots of all aggregates.")

  @Argument(help: "Only this domain's. (default: every domain's)")
  var domain: Name?

  @OptionGroup var client: ClientOptions

  func run() async throws {
    let (domain, json) = (domain, client.json)
    try await Client.with(client, default: .queryHandler) { client, output in
      var isEmpty = true
      try await client.stream(
        "evented.EventQuery", "GetAggregateRoots", EmptyMessage(), as: Evented.AggregateRoot.self
      ) { aggregate in
        guard domain == nil || domain == aggregate.cover.domain else { return }
        isEmpty = false
        try output.line(
          json
            ? JSONValue.object(aggregate.cover.members).text
            : domain == nil ? "\(aggregate.cover)" : "\(aggregate.cover.root)")
      }
      if isEmpty { complain("there are no aggregates\(domain.map { " of \($0)" } ?? "")") }
    }
  }
}
