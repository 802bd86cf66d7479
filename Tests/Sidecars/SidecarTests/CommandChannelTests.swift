import EventModel
import EventSourcing
import MemoryChannel
import MemoryStorage
import OutriderTesting
import RPC
import Sidecars
import Testing
import Tracing
import Wire

/// Commands on their way through a message channel: what is published, and how it is read.
@Suite(.timeLimit(.minutes(5))) struct CommandChannelTests {
  private let channel = MemoryCommandChannel()
  private let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

  private func book(
    domain: Name = "bank", id: String? = "c1", origin: Origin = Origin()
  ) throws -> Command {
    try Command(
      wireBytes: Evented.CommandBook(
        cover: Cover(domain: domain, root: root(1)),
        pages: [.init(Payload(typeURL: "type.example/T", value: [1]))], commandID: id,
        origin: origin
      ).wireBytes)
  }

  @discardableResult
  private func publish(
    _ command: Command, notBefore: Timestamp? = nil
  ) async throws -> OutriderV1.DispatchReceipt {
    let publisher = InProcessChannel(Router([.commandPublisher(to: channel)]))
    let answer = try await publisher.unary(
      Method(service: "outrider.v1.Commands", name: "Dispatch"),
      OutriderV1.DispatchRequest(DispatchedCommand(command, notBefore: notBefore)).wireBytes)
    return try OutriderV1.DispatchReceipt(wireBytes: answer)
  }

  private func published() async throws -> ChannelMessage {
    let deliveries = try await channel.consumer(of: "bank", window: 10).deliveries()
    guard case .message(let message)? = deliveries.last?.content else {
      throw ChannelError(.refused, "no message")
    }
    return message
  }

  private func messages(
    of domain: Name = "bank", envelope: @escaping CommandMessages.EnvelopeReader = { _, _ in nil }
  ) -> CommandMessages {
    CommandMessages(of: domain, causes: Causes(in: MemoryStorage()), envelope: envelope)
  }

  private func reason(_ message: ChannelMessage) async -> String {
    do {
      _ = try await messages().command(in: message)
      return ""
    } catch {
      #expect(!ErrorStatus(error).mayPass)
      return ErrorStatus(error).message
    }
  }

  // MARK: Published

  @Test func aCommandIsReadAsItWasPublished() async throws {
    let command = try book(origin: Origin(correlation: "order 7"))
    let receipt = try await publish(command)
    #expect(
      receipt.reference == CommandReference(cover: command.cover, commandID: "c1")
        && !receipt.alreadyDispatched)
    let message = try await published()
    #expect(message.key == root(1).bytes)
    #expect(try await messages().command(in: message) == command)
    #expect(try await messages(of: "shop").command(in: message) == nil)
  }

  @Test func aCommandWithoutAnIDGetsOne() async throws {
    let receipt = try await publish(try book(id: nil))
    let command = try await messages().command(in: try await published())
    #expect(command?.id == receipt.reference.commandID && command?.id?.isEmpty == false)
  }

  @Test func whatCanNeverBeStoredIsNotPublished() async throws {
    for (command, notBefore) in [
      (try book(domain: "$commands.bank"), nil), (try book(id: "$x"), nil),
      (try book(id: String(repeating: "x", count: 251)), nil),
      (try book(), Timestamp(seconds: 1)),
    ] {
      let status = await #expect(throws: RPCStatus.self) {
        try await publish(command, notBefore: notBefore)
      }
      #expect(status?.code == .invalidArgument)
    }
    try await publish(try book(id: "only"))
    #expect(try await channel.consumer(of: "bank", window: 10).deliveries().count == 1)
  }

  // MARK: Read

  private func message(
    _ body: Bytes, _ headers: [(name: String, value: String)], place: String = "topic/0/1@7"
  ) -> ChannelMessage {
    ChannelMessage(
      key: [], headers: headers.map { .init(name: $0.name, value: $0.value) }, body: body,
      place: place)
  }

  private let ofBooks = [
    (name: "content-type", value: "application/protobuf"),
    (name: "outrider-message", value: "evented.CommandBook"),
  ]

  @Test func aForeignCommandIsKnownByItsPlaceAgain() async throws {
    let body = try book(id: nil).wireBytes
    let ids = try await [
      messages().command(in: message(body, ofBooks))?.id,
      messages().command(in: message(body, ofBooks))?.id,
      messages().command(in: message(body, ofBooks, place: "topic/0/2@7"))?.id,
    ]
    #expect(ids[0] != nil && ids[0] == ids[1] && ids[0] != ids[2])
  }

  @Test func theSpanOfTheMessageLeadsToItsEvents() async throws {
    let headers = ofBooks + [(name: "traceparent", value: trace)]
    let command = try await messages().command(in: message(try book().wireBytes, headers))
    #expect(command?.origin.cause?.traceparent == trace)
  }

  @Test func anEnvelopeIsReadByItsContentType() async throws {
    let expected = try book()
    let reader = messages { body, id in
      #expect(body == [7] && !id.isEmpty)
      return expected
    }
    let found = try await reader.command(
      in: message([7], [(name: "content-type", value: "application/json; charset=utf-8")]))
    #expect(found == expected)
  }

  @Test func whatIsNoCommandSaysWhy() async throws {
    let body = try book().wireBytes
    #expect(await reason(message(body, [])).contains("content-type is missing"))
    #expect(
      await reason(message(body, [(name: "content-type", value: "text/plain")])).contains(
        "text/plain"))
    // An event book has much in common with one.
    #expect(await reason(message(body, Array(ofBooks[..<1]))).contains("outrider-message"))
    #expect(await !reason(message([1, 2, 3], ofBooks)).isEmpty)
  }
}
