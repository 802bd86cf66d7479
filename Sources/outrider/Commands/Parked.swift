import ArgumentParser
import EventModel
import JSON
import RPC
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

    @Option(help: "Only this domain's.") var domain: Name?
    @Option(help: "Only this projector's.") var subscription: Name?
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let json = client.json
      var request = OutriderV1.ListParkedRequest(
        subscription: subscription, domain: domain, page: .init(size: 1000))
      try await Client.with(client, default: .projector) { client in
        var output = StandardOutput()
        repeat {
          let page = try await client.call(
            service, "List", request, as: OutriderV1.ListParkedResponse.self)
          for parked in page.parked {
            try output.line(json ? parked.object.text : parked.text)
          }
          request.page.token = page.nextPage
        } while !request.page.token.isEmpty
        try output.flush()
      }
    }
  }

  /// Which aggregate of which projector.
  struct Target: ParsableArguments {
    @Argument(help: "The projector's name.") var subscription: Name
    @Argument(help: "The aggregate's domain.") var domain: Name
    @Argument(help: "The aggregate's root, a UUID.") var root: Root

    var cover: Cover { Cover(domain: domain, root: root) }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Try again, from the event that failed.",
      usage: """
        outrider parked retry SUBSCRIPTION DOMAIN ROOT
        outrider parked retry --all [SUBSCRIPTION [DOMAIN]]
        """)

    @Argument(help: "The projector's name.") var subscription: String?
    @Argument(help: "The aggregate's domain.") var domain: String?
    @Argument(help: "The aggregate's root, a UUID.") var root: Root?
    @Flag(help: "Try everything that is parked, one aggregate after the other.") var all = false
    @OptionGroup var client: ClientOptions

    func validate() throws {
      if all, root != nil { throw ValidationError("--all takes no root") }
      if !all, root == nil {
        throw ValidationError("name a projector, a domain and a root, or say --all")
      }
    }

    func run() async throws {
      try await Client.with(client, default: .projector) { client in
        if all { return try await retryAll(client) }
        guard let subscription, let domain, let root else { return }  // validated
        let request = OutriderV1.RetryParkedRequest(
          subscription: subscription, cover: Cover(domain: domain, root: root))
        let outcome = try await client.call(
          service, "Retry", request, as: OutriderV1.ParkedOutcome.self)
        try show(outcome, of: request.cover, json: self.client.json)
      }
    }

    /// Exits as refused where any aggregate is parked again. Stops where the logic is away.
    private func retryAll(_ client: Client) async throws {
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
            try show(outcome, of: parked.cover, json: self.client.json)
          } catch let exit as ExitCode {
            refused = exit
          } catch let status as RPCStatus where status.code == .notFound {
            continue  // somebody else took it out meanwhile
          }
        }
        request.page.token = page.nextPage
      } while !request.page.token.isEmpty
      if let refused { throw refused }
    }
  }

  struct Skip: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give up the event that failed, and go on behind it.",
      discussion: "The projector never sees what is given up here.")

    @OptionGroup var target: Target

    @Option(help: "Give up everything up to this event, too.") var through: UInt32?

    @OptionGroup var client: ClientOptions

    func run() async throws {
      let request = OutriderV1.SkipParkedRequest(
        subscription: target.subscription, cover: target.cover,
        through: through.map { SequenceNumber($0) })
      let json = client.json
      try await Client.with(client, default: .projector) { client in
        let outcome = try await client.call(
          service, "Skip", request, as: OutriderV1.ParkedOutcome.self)
        try show(outcome, of: request.cover, json: json)
      }
    }
  }

  /// Exits as refused where the aggregate is parked again.
  private static func show(
    _ outcome: OutriderV1.ParkedOutcome, of cover: Cover, json: Bool
  ) throws {
    var output = StandardOutput()
    if let parked = outcome.stillParked {
      try output.line(json ? parked.object.text : parked.text)
      try output.flush()
      throw ExitCode(Outcome.refused.rawValue)
    }
    try output.line(
      json
        ? JSONValue.object(cover.members + [.init("parked", false)]).text
        : "\(cover) has caught up")
    try output.flush()
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
        .init("statusCode", .integer(statusCode)), .init("reason", .string(reason)),
        .init("tries", .integer(tries)), .init("parkedAt", .string(parkedAt.text)),
        .init("parked", true),
      ])
  }
}
