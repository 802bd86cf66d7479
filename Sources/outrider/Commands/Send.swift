import ArgumentParser
import EventModel
import JSON
import ProtobufJSON
import SidecarRuntime
import Wire

/// Sends one command, and shows what came of it.
struct Send: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send a command to an aggregate.",
    discussion: """
      The file holds the command's message: as JSON where --descriptors describes its type, in \
      protobuf's wire form otherwise. - means standard input.

      Example: echo '{"owner":"Ann"}' | outrider send --domain bank --type bank.OpenAccount \
      --descriptors bank.pb -
      """)

  @Option(help: "The aggregate's domain.")
  var domain: Name

  @Option(help: "The aggregate's root, a UUID. (default: a new one)")
  var root: Root?

  @Option(help: "The command's message type, such as bank.OpenAccount, or its type URL.")
  var type: String

  @Option(help: "An idempotency key: the command has effect once, however often it is sent.")
  var commandID: String?

  @Option(help: "The sequence number that the first new event must get.")
  var expected: UInt32?

  @Option(help: "An id that everything which this sets off carries on.")
  var correlation: String?

  @Flag(help: "Wait for the synchronous projectors.")
  var synchronous = false

  @OptionGroup var payloads: PayloadOptions
  @OptionGroup var client: ClientOptions

  @Argument(help: "The file with the command; - is standard input.")
  var file = "-"

  func run() async throws {
    let schema = try payloads.schema()
    let command = Payload(
      typeURL: type.contains("/") ? type : "type.googleapis.com/\(type)",
      value: try message(schema))
    let book = Evented.CommandBook(
      cover: Cover(domain: domain, root: root ?? newRoot()),
      pages: [Evented.CommandPage(command, synchronous: synchronous)], commandID: commandID,
      origin: Origin(correlation: correlation ?? ""), expected: expected.map { SequenceNumber($0) })
    try await Client.with(client, default: .commandHandler) { client in
      let answer = try await client.call(
        "evented.BusinessCoordinator", "Handle", book,
        as: Evented.SynchronousProcessingResponse.self)
      var output = StandardOutput()
      try show(answer, of: book.cover, PayloadPrinter(schema: schema), to: &output)
      try output.flush()
    }
  }

  private func message(_ schema: Schema?) throws -> Bytes {
    let bytes = try readFile(file)
    guard let schema else { return bytes }
    do {
      return try schema.bytes(JSONValue.parse(bytes), as: Schema.typeName(ofURL: type))
    } catch let error as JSONError {
      throw Failure(.badData, "\(file): \(error)")
    } catch let error as ProtobufError {
      throw Failure(.badData, "\(file): \(error)")
    }
  }

  private func show(
    _ answer: Evented.SynchronousProcessingResponse, of cover: Cover, _ payloads: PayloadPrinter,
    to output: inout StandardOutput
  ) throws {
    let events = EventPrinter(payloads: payloads, json: client.json)
    if !client.json {
      let said = answer.alreadyHandled ? " was handled before" : ""
      try output.line("\(cover)\(said)")
      if answer.books.allSatisfy(\.pages.isEmpty) { try output.line("  no events") }
    }
    for book in answer.books { try events.show(book, to: &output) }
    let projections = ProjectionPrinter(payloads: payloads, json: client.json)
    for projection in answer.projections {
      try projections.show(projection, updatedAt: nil, to: &output)
    }
    for failure in answer.failures {
      complain(
        "\(shown(failure.processor.text)) failed, and will be tried again: \(shown(failure.message))")
    }
  }
}
