import ArgumentParser
import EventModel
import JSON
import SidecarConfiguration
import Wire

/// Shows the deliveries of a durable subscription, and acknowledges what was shown.
struct Subscribe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show a durable subscription's events as they come, each once.",
    discussion: """
      The subscription remembers how far it has come: a commit is acknowledged when its events were \
      written. Called again, it goes on where it stopped. Several calls under one name share the \
      lanes. Ctrl-C ends it and loses nothing.
      """)

  @Argument(help: "The subscription's name.") var name: Name

  @Option(name: .customLong("domain"), help: "A domain to follow. May be given several times.")
  var domains: [Name]

  @Option(
    name: .customLong("type"),
    help: """
      Only commits with an event of this type, such as bank.Opened or Opened. May be given several \
      times. (default: all)
      """)
  var types: [String] = []

  @Option(help: "Where a new subscription begins: beginning or head.")
  var from = StartChoice.beginning

  @Option(help: "Lanes of each partition of a new subscription, 1 to 64. (default: 1)")
  var lanes: Int?

  @Option(help: "How many commits of a lane may be not acknowledged. (default: 256)")
  var window: Int?

  @Option(help: "End after so many commits. (default: no limit)")
  var limit: Int?

  @Flag(name: .customLong("no-ack"), help: "Show what would come, and acknowledge nothing.")
  var isLookingOnly = false

  @OptionGroup var payloads: PayloadOptions
  @OptionGroup var client: ClientOptions

  func validate() throws {
    for (option, value) in [("--lanes", lanes), ("--window", window), ("--limit", limit)] {
      if let value, value < 1 { throw ValidationError("\(option) must be at least 1") }
    }
  }

  func run() async throws {
    let (types, json) = (try await payloads.types(client), client.json)
    let (limit, isLookingOnly) = (limit, isLookingOnly)
    let begin = OutriderV1.SubscriptionBegin(
      name: name, domains: domains, eventTypes: self.types, start: from.start, lanes: lanes,
      window: window)
    try await Client.with(client, default: .queryHandler) { client, output in
      let printer = DeliveryPrinter(
        events: EventPrinter(payloads: PayloadPrinter(types: types, client: client), json: json))
      let subscriber = try await Subscriber(client, begin)
      var count = 0
      try await subscriber.run { response in
        guard case .delivery(let delivery) = response else {
          printer.explain(response)
          return nil
        }
        try await printer.show(delivery, to: &output)
        try output.flush()
        count += 1
        if count == limit { subscriber.stopAfterReply() }
        return isLookingOnly ? nil : delivery
      }
    }
  }
}

/// The start of a subscription, as an option.
enum StartChoice: String, ExpressibleByArgument, CaseIterable {
  case beginning
  case head

  var start: OutriderV1.SubscriptionStart {
    switch self {
    case .beginning: .beginning
    case .head: .head
    }
  }
}
