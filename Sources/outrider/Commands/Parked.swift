import ArgumentParser
import EventModel
import JSON
import Payloads
import RPC
import SidecarConfiguration
import Wire

/// Manages aggregates that a projector or a saga has parked.
struct Parked: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show, retry and skip aggregates whose events a projector or a saga refuses.",
    subcommands: [List.self, Retry.self, Skip.self])

  private static let service = "outrider.v1.Parked"

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what is parked, and why.")

    @Option(help: "Only this domain's.") var domain: Name?
    @Option(help: "Only this projector's or saga's.") var subscription: Name?
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

  /// The aggregate, and the subscription that parked it.
  struct Target: ParsableArguments {
    @Argument(help: "The projector's or saga's name.") var subscription: Name
    @OptionGroup var aggregate: AggregateArguments

    func cover() throws(Failure) -> Cover { try aggregate.cover() }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Try again, from the event that failed.",
      usage: """
        outrider parked retry SUBSCRIPTION DOMAIN ROOT
        outrider parked retry SUBSCRIPTION DOMAIN/ROOT
        outrider parked retry --all [SUBSCRIPTION [DOMAIN]]
        """)

    @Argument(help: "The projector's or saga's name.") var subscription: Name?
    @Argument(help: "The aggregate's domain; or the aggregate, as DOMAIN/UUID.") var domain: Name?
    @Argument(help: "The aggregate's root, a UUID.") var root: AggregateName?
    @Flag(help: "Try everything that is parked, one aggregate after the other.") var all = false
    @OptionGroup var client: ClientOptions

    /// The named aggregate, if any.
    private var aggregate: AggregateName? {
      root ?? domain.flatMap { AggregateName(argument: $0.text) }
    }

    func validate() throws {
      if all, aggregate != nil { throw ValidationError("--all takes no root") }
      if !all, aggregate == nil {
        throw ValidationError("name a projector or saga, a domain and a root, or say --all")
      }
    }

    func run() async throws {
      let json = client.json
      guard let subscription, let aggregate, !all else {
        return try await Client.with(client, default: .projector) { client, output in
          try await retryAll(client, to: &output)
        }
      }
      let cover = try aggregate.cover(in: root == nil ? nil : domain)
      let request = OutriderV1.RetryParkedRequest(subscription: subscription, cover: cover)
      try await Client.with(client, default: .projector) { client, output in
        let outcome = try await client.call(
          service, "Retry", request, as: OutriderV1.ParkedOutcome.self)
        try show(outcome, of: cover, json: json, to: &output)
      }
    }

    /// Exits as refused if any aggregate is parked again. Stops if the logic is away.
    private func retryAll(_ client: Client, to output: inout StandardOutput) async throws {
      let json = self.client.json
      var request = OutriderV1.ListParkedRequest(
        subscription: subscription, domain: domain, page: .init(size: 1000))
      var refused: ExitCode?
      repeat {
        let page = try await client.call(
          service, "List", request, as: OutriderV1.ListParkedResponse.self)
        for parked in page.parked {
          let request = OutriderV1.RetryParkedRequest(
            subscription: parked.subscription, cover: parked.cover)
          do {
            let outcome = try await client.call(
              service, "Retry", request, as: OutriderV1.ParkedOutcome.self)
            try show(outcome, of: parked.cover, json: json, to: &output)
          } catch let exit as ExitCode {
            refused = exit
          } catch let status as RPCStatus where status.code == .notFound {
            continue  // already unparked by another call
          }
        }
        request.page.token = page.nextPage
      } while !request.page.token.isEmpty
      if let refused { throw refused }
    }
  }

  struct Skip: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give up the event that failed, and go on after it.",
      discussion: "Whoever refused it never sees what is given up here.")

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

  /// Exits as refused if the aggregate is parked again.
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
      [.init("subscription", .string(subscription.text))] + cover.members + [
        .init("firstSequence", .integer(firstSequence.rawValue)),
        .init("statusCode", .integer(statusCode.rawValue)), .init("reason", .string(reason)),
        .init("tries", .integer(tries)), .init("parkedAt", .string(parkedAt.text)),
        .init("parked", true),
      ])
  }
}
