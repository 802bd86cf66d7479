import ArgumentParser
import EventModel
import JSON
import Payloads
import SidecarConfiguration
import Wire

/// Manages durable subscriptions.
struct Subscriptions: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show, move and delete durable subscriptions.",
    subcommands: [List.self, Seek.self, Delete.self])

  private static let service = "outrider.v1.Subscriptions"

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a domain's subscriptions, and how far each lane is.")

    @Argument(help: "The domain.") var domain: Name
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let (domain, json) = (domain, client.json)
      var request = OutriderV1.ListSubscriptionsRequest(domain: domain)
      try await Client.with(client, default: .queryHandler) { client, output in
        var isEmpty = true
        repeat {
          let page = try await client.call(
            service, "List", request, as: OutriderV1.ListSubscriptionsResponse.self)
          for subscription in page.subscriptions {
            isEmpty = false
            for line in json ? [subscription.object.text] : subscription.lines {
              try output.line(line)
            }
          }
          request.page.token = page.nextPage
        } while !request.page.token.isEmpty
        if isEmpty { complain("\(domain) has no subscriptions") }
      }
    }
  }

  struct Seek: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Move a subscription forward or back.",
      discussion: "Consumers that are connected are ended, and go on from there when they return.")

    @Argument(help: "The subscription's name.") var name: Name
    @Argument(help: "The domain.") var domain: Name
    @Option(help: "Where to: beginning or head.") var to: StartChoice?
    @Option(
      help: """
        The position after which to begin: NUMBER, or PARTITION:NUMBER. May be given several times.
        """)
    var after: [Position] = []
    @Option(help: "Lanes of each partition from now on. (default: as before)") var lanes: Int?
    @OptionGroup var client: ClientOptions

    func validate() throws {
      if to == nil, after.isEmpty { throw ValidationError("say where to: --to or --after") }
      if let lanes, lanes < 1 { throw ValidationError("--lanes must be at least 1") }
    }

    func run() async throws {
      let request = OutriderV1.SeekSubscriptionRequest(
        name: name, domain: domain, start: (to ?? .beginning).start, after: after, lanes: lanes)
      let json = client.json
      try await Client.with(client, default: .queryHandler) { client, output in
        _ = try await client.call(service, "Seek", request, as: EmptyMessage.self)
        try confirm("moved", request.name, request.domain, json, to: &output)
      }
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Forget a subscription and its progress.",
      discussion: "A consumer that subscribes again creates it anew.")

    @Argument(help: "The subscription's name.") var name: Name
    @Argument(help: "The domain.") var domain: Name
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let request = OutriderV1.DeleteSubscriptionRequest(name: name, domain: domain)
      let json = client.json
      try await Client.with(client, default: .queryHandler) { client, output in
        _ = try await client.call(service, "Delete", request, as: EmptyMessage.self)
        try confirm("deleted", request.name, request.domain, json, to: &output)
      }
    }
  }

  private static func confirm(
    _ outcome: String, _ name: Name, _ domain: Name, _ json: Bool,
    to output: inout StandardOutput
  ) throws {
    try output.line(
      json
        ? JSONValue.object([
          .init("name", .string(name.text)), .init("domain", .string(domain.text)),
          .init("outcome", .string(outcome)),
        ]).text : "\(name) of \(domain) is \(outcome)")
  }
}

extension OutriderV1.SubscriptionStatus {
  /// One line for each lane.
  fileprivate var lines: [String] {
    progress.map { lane in
      let place = lane.partition == 0 ? "\(lane.lane)" : "\(lane.partition):\(lane.lane)"
      return "\(padded(name.text, 20)) lane \(padded(place, 5)) "
        + "\(padded("\(lane.checkpoint) of \(lane.head)", 16)) \(lane.lag) behind"
    }
  }

  fileprivate var object: JSONValue {
    let lanes = progress.map { lane in
      JSONValue.object([
        .init("partition", .integer(lane.partition)), .init("lane", .integer(lane.lane)),
        .init("checkpoint", .integer(lane.checkpoint)), .init("head", .integer(lane.head)),
        .init("lag", .integer(lane.lag)),
      ])
    }
    return .object([
      .init("name", .string(name.text)), .init("domain", .string(domain.text)),
      .init("lanes", .integer(self.lanes)), .init("createdAt", .string(createdAt.text)),
      .init("progress", .array(lanes)),
    ])
  }
}
