import ArgumentParser
import EventModel
import JSON
import Payloads
import SidecarConfiguration
import Wire

/// Manages messages that a projector took from its channel and set aside.
struct DeadLetters: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead",
    abstract: "Show, retry and drop messages that a projector set aside.",
    discussion: """
      A message of the channel that is not an event book, or is of another domain, becomes a dead \
      letter at the broker. Examples:
        outrider dead list
        outrider dead show 5c0e1f7a90b3d264 --body letter.bin
        outrider dead drop --all --subscription balance
      """,
    subcommands: [List.self, Show.self, Retry.self, Drop.self])

  private static let service = "outrider.v1.DeadLetters"

  /// The domain and subscription of the letters.
  struct Place: ParsableArguments {
    @Option(help: "Only this domain's.") var domain: Name?
    @Option(help: "Only this projector's.") var subscription: Name?
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what was set aside, and why: the oldest 1000 letters.")

    @OptionGroup var place: Place
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let (place, json) = (place, client.json)
      try await Client.with(client, default: .projector) { client, output in
        let answer = try await client.call(
          service, "List",
          OutriderV1.ListDeadLettersRequest(
            subscription: place.subscription, domain: place.domain),
          as: OutriderV1.ListDeadLettersResponse.self)
        for letter in answer.letters {
          try output.line(json ? JSONValue.object(letter.members).text : letter.line)
        }
        if answer.letters.isEmpty, !answer.hasMore { complain("there are no dead letters") }
        if answer.hasMore { complain("there are more: retry or drop some to see them") }
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show one letter, with its headers and its body.")

    @Argument(help: "The letter's id.") var id: String
    @Option(help: "Write the body to this file instead, or to standard output for -.")
    var body: String?
    @OptionGroup var place: Place
    @OptionGroup var payloads: PayloadOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
      let request = OutriderV1.GetDeadLetterRequest(
        id: id, subscription: place.subscription, domain: place.domain)
      let (types, json, body) = (try await payloads.types(client), client.json, body)
      try await Client.with(client, default: .projector) { client, output in
        let letter = try await client.call(
          service, "Get", request, as: OutriderV1.DeadLetter.self)
        if let body {
          if body == "-" { return try output.bytes(letter.body) }
          try writeFile(body, letter.body)
        }
        let printer = LetterPrinter(
          events: EventPrinter(
            payloads: PayloadPrinter(types: types, client: client), json: json),
          showsBody: body == nil)
        try await printer.show(letter, to: &output)
      }
    }
  }

  /// The letters to settle.
  struct Choice: ParsableArguments {
    @Argument(help: "The letters' ids.") var ids: [String] = []
    @Flag(help: "All letters of the projector that --subscription names.") var all = false
    @OptionGroup var place: Place

    func validate() throws {
      if all, !ids.isEmpty { throw ValidationError("--all takes no ids") }
      if !all, ids.isEmpty { throw ValidationError("name letters by their ids, or say --all") }
      if all, place.subscription == nil {
        throw ValidationError("--all needs the projector: --subscription NAME")
      }
      if ids.contains("") { throw ValidationError("an id is empty") }
    }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give messages to the projector once more.",
      discussion: """
        A message that is still no event of its domain is set aside again, under a new id. With Kafka, \
        consumers of other makes see the message again, too.
        """)

    @OptionGroup var choice: Choice
    @OptionGroup var client: ClientOptions

    func run() async throws { try await settle("Retry", "retried", choice, client) }
  }

  struct Drop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete letters for good.",
      discussion: "No event is lost: projectors read what a channel leaves out from the log.")

    @OptionGroup var choice: Choice
    @OptionGroup var client: ClientOptions

    func run() async throws { try await settle("Drop", "dropped", choice, client) }
  }

  /// Exits as refused if an id is unknown.
  private static func settle(
    _ method: String, _ outcome: String, _ choice: Choice, _ options: ClientOptions
  ) async throws {
    let json = options.json
    var counted: UInt64 = 0
    var missing: [String] = []
    try await Client.with(options, default: .projector) { client, output in
      // Without ids, one call is for all letters.
      let portions = choice.ids.isEmpty ? [[]] : choice.ids.portions(of: FieldLimits.letterCount)
      for ids in portions {
        let answer = try await client.call(
          service, method,
          OutriderV1.SettleDeadLettersRequest(
            ids: Array(ids), subscription: choice.place.subscription, domain: choice.place.domain),
          as: OutriderV1.SettleDeadLettersResponse.self)
        counted += answer.count
        missing += answer.missing
      }
      let object = JSONValue.object([
        .init(outcome, .integer(counted)), .init("missing", .array(missing.map { .string($0) })),
      ])
      try output.line(
        json ? object.text : "\(counted) \(counted == 1 ? "letter" : "letters") \(outcome)")
    }
    if !missing.isEmpty {
      throw Failure(.refused, "there is no dead letter \(missing.joined(separator: ", "))")
    }
  }
}
