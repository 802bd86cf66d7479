import ArgumentParser
import EventModel
import JSON
import Payloads
import ProtobufJSON
import RPC
import SidecarConfiguration
import Timing
import Wire

/// Sends one command, and shows the result.
struct Send: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send a command to an aggregate.",
    discussion: """
      The file holds the command's message: as JSON where its type is described, in protobuf's \
      wire form otherwise. - means standard input. Types of google.protobuf are known; others are \
      described by --descriptors, or by the server.

      The aggregate and the command's id are told on standard error before the command is sent: a \
      command that is sent again with both has effect once.

      Example: echo '{"owner":"Ann"}' | outrider send --domain bank --type bank.OpenAccount
      """)

  @Option(help: "The aggregate's domain.")
  var domain: Name?

  @Option(help: "The aggregate's root, a UUID, or DOMAIN/UUID. (default: a new one)")
  var root: AggregateName?

  @Option(help: "The aggregate's member that it is for, TYPE:ID. (default: the root)")
  var entity: Name?

  @Option(help: "The command's message type, such as bank.OpenAccount, or its type URL.")
  var type: String

  @Option(
    help: """
      An idempotency key: the command has effect once, however often it is sent. \
      (default: a new one)
      """)
  var commandID: String?

  @Option(help: "The sequence number that the first new event must get.")
  var expected: UInt32?

  @Option(help: "Correlation id, copied to everything this command causes.")
  var correlation: String?

  @Flag(help: "Wait for the synchronous projectors.")
  var synchronous = false

  @Option(
    help: """
      Wait until this projector has handled the command's events, and show its projection. \
      May be given more than once.
      """)
  var waitFor: [Name] = []

  @OptionGroup var dispatching: DispatchOptions

  @Flag(help: "The file is in protobuf's wire form, whatever is known of its type.")
  var binary = false

  @OptionGroup var payloads: PayloadOptions
  @OptionGroup var client: ClientOptions

  @Argument(help: "The file with the command; - is standard input.")
  var file = "-"

  func run() async throws {
    let cover = try cover()
    let bytes = try readFile(file)
    let types = try await payloads.types(client)
    try await Client.with(client, default: .commandHandler) { client, output in
      let input = await input(bytes, of: cover.domain, types, client)
      let id = commandID ?? "\(newRoot())"
      let book = Evented.CommandBook(
        cover: cover,
        pages: [
          Evented.CommandPage(
            Payload(
              typeURL: input.typeURL,
              value: try await input.message(types, of: cover.domain, from: client)),
            synchronous: synchronous, entity: entity)
        ],
        commandID: id, origin: Origin(correlation: correlation ?? ""),
        expected: expected.map { SequenceNumber($0) })
      complain("to \(cover), command id \(id)")
      if dispatching.isAsync { return try await dispatch(book, by: client, to: &output) }
      var answer = try await client.call(
        "evented.BusinessCoordinator", "Handle", book,
        as: Evented.SynchronousProcessingResponse.self)
      var failure: (any Error)?
      do { try await awaitProjectors(of: cover, &answer) } catch { failure = error }
      let printer = AnswerPrinter(
        payloads: PayloadPrinter(types: types, client: client), json: self.client.json)
      // Stored events are shown even if projectors fail.
      try await printer.show(answer, to: cover, commandID: id, &output)
      if let failure { throw failure }
    }
  }

  /// The command to send, of the type that the domain or the server knows by this name.
  private func input(
    _ bytes: Bytes, of domain: Name, _ types: PayloadTypes, _ client: Client
  ) async -> CommandInput {
    var typeURL = type.contains("/") ? type : "type.googleapis.com/\(type)"
    // An unreachable server is reported when the command is sent.
    if let avro = try? await types.avro.typeURL(
      named: type, of: domain, from: client.payloads.schemas)
    {
      typeURL = avro
    } else {
      await types.learn(typeURL, from: client.payloads.reflection)
    }
    return CommandInput(
      name: file == "-" ? "standard input" : file, bytes: bytes, typeURL: typeURL,
      isBinary: binary)
  }

  private func dispatch(
    _ book: Evented.CommandBook, by client: Client, to output: inout StandardOutput
  ) async throws {
    let command: Command
    do { command = try Command(wireBytes: book.wireBytes) } catch {
      throw Failure(.usage, "\(error)")
    }
    let receipt = try await client.call(
      "outrider.v1.Commands", "Dispatch",
      OutriderV1.DispatchRequest(
        dispatching.dispatched(command, at: Environment.live.now())),
      as: OutriderV1.DispatchReceipt.self)
    try output.line(self.client.json ? receipt.object.text : receipt.text)
  }

  /// Waits until each requested projector has handled the answer's events, and adds its
  /// projection.
  private func awaitProjectors(
    of cover: Cover, _ answer: inout Evented.SynchronousProcessingResponse
  ) async throws {
    guard let position = answer.position, !waitFor.isEmpty else { return }
    let projections = try await Client.connected(to: .queryHandler, client) { client in
      var projections: [Projection] = []
      for projector in waitFor {
        let projection = try await client.projection(of: cover, by: projector, atLeast: position)
        if let projection { projections.append(projection) }
      }
      return projections
    }
    answer.projections.removeAll { waitFor.contains($0.projector) }
    answer.projections += projections
  }

  func validate() throws {
    try dispatching.validate()
    if dispatching.isAsync, !waitFor.isEmpty {
      throw ValidationError("--wait-for is for a command that is answered, and not sent --async")
    }
    if !waitFor.isEmpty, client.address != nil {
      throw ValidationError(
        "--wait-for asks the query-handler as well, and --address names one server: use --context "
          + "or --config")
    }
  }

  private func cover() throws(Failure) -> Cover {
    if let root { return try root.cover(in: domain) }
    guard let domain else { throw Failure(.usage, "--domain is missing, or --root DOMAIN/UUID") }
    return Cover(domain: domain, root: newRoot())
  }
}

extension Client {
  /// The aggregate's projection, once the projector has handled the log up to the position; nil if
  /// the projector keeps its own read model.
  fileprivate func projection(
    of cover: Cover, by projector: Name, atLeast position: Position
  ) async throws -> Projection? {
    let service = "outrider.v1.Projections"
    do {
      return try await call(
        service, "Get",
        OutriderV1.GetProjectionRequest(projector: projector, cover: cover, atLeast: position),
        as: OutriderV1.ProjectionRecord.self
      ).projection
    } catch let status as RPCStatus where status.code == .notFound {
      // Fails as well if the domain is not found.
      _ = try await call(
        service, "List",
        OutriderV1.ListProjectionsRequest(
          projector: projector, domain: cover.domain, page: .init(size: 1), atLeast: position),
        as: OutriderV1.ListProjectionsResponse.self)
      return nil
    }
  }
}
