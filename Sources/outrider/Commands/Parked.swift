import ArgumentParser
import EventModel
import JSON
import SidecarRuntime
import Wire

/// Looks after aggregates that a projector could not go on with.
struct Parked: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show, retry and skip aggregates whose events a projector refuses.",
    subcommands: [List.self, Retry.self, Skip.self])

  private static let service = "outrider.v1.Parked"

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what is parked, and why.")

    @Option(help: "Only this domain's.") var domain: String?
    @Option(help: "Only this projector's.") var subscription: String?
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let json = client.json
      var request = OutriderV1.ListParkedRequest(
        subscription: subscription, domain: domain, page: .init(size: 1000))
      try await Client.with(client, default: .projector) { client, output in
        var isEmpty = true
        repeat {
          let page = try await client.call(
            service, "List", request, as: OutriderV1.ListParkedResponse.self)
          for parked in page.parked {
            isEmpty = false
            try output.line(json ? parked.object.text : parked.text)
          }
          request.page.token = page.nextPage
        } while !request.page.token.isEmpty
        if isEmpty { complain("nothing is parked") }
      }
    }
  }

  /// Which aggregate of which projector.
  struct Target: ParsableArguments {
    @Argument(help: "The projector's name.") var subscription: String
    @OptionGroup var aggregate: AggregateArguments

    func cover() throws(Failure) -> Cover { try aggregate.cover() }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Try again, from the event that failed.")

    @OptionGroup var target: Target
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let request = OutriderV1.RetryParkedRequest(
        subscription: target.subscription, cover: try target.cover())
      let json = client.json
      try await Client.with(client, default: .projector) { client, output in
        let outcome = try await client.call(
          service, "Retry", request, as: OutriderV1.ParkedOutcome.self)
        try show(outcome, of: request.cover, json: json, to: &output)
      }
    }
  }

  struct Skip: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give up the event that failed, and go on after it.",
      discussion: "The projector never sees what is given up here.")

    @OptionGroup var target: Target

    @Option(help: "Give up everything up to this event, too.") var through: UInt32?

    @OptionGroup var client: ClientOptions

    func run() async throws {
      let request = OutriderV1.SkipParkedRequest(
        subscription: target.subscription, cover: try target.cover(),
        through: through.map { SequenceNumber($0) })
      let json = client.json
      try await Client.with(client, default: .projector) { client, output in
        let outcome = try await client.call(
          service, "Skip", request, as: OutriderV1.ParkedOutcome.self)
        try show(outcome, of: request.cover, json: json, to: &output)
      }
    }
  }

  /// Exits as refused where the aggregate is parked again.
  private static func show(
    _ outcome: OutriderV1.ParkedOutcome, of cover: Cover, json: Bool,
    to output: inout StandardOutput
  ) throws {
    if let parked = outcome.stillParked {
      try output.line(json ? parked.object.text : parked.text)
      throw ExitCode(Outcome.refused.rawValue)
    }
    try output.line(
      json
        ? JSONValue.object(cover.members + [.init("parked", false)]).text
        : "\(cover) has caught up")
  }
}

extension OutriderV1.ParkedAggregate {
  fileprivate var text: String {
    "\(subscription)  \(cover)  at \(padded("\(firstSequence)", 4)) "
      + "\(tries) tries, since \(parkedAt.text): \(reason)"
  }

  fileprivate var object: JSONValue {
    .object(
      [.init("subscription", .string(subscription))] + cover.members + [
        .init("firstSequence", .integer(firstSequence.rawValue)),
        .init("statusCode", .integer(statusCode)), .init("reason", .string(reason)),
        .init("tries", .integer(tries)), .init("parkedAt", .string(parkedAt.text)),
        .init("parked", true),
      ])
  }
}
