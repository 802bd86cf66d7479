import EventModel
import EventSourcing
import OutriderTesting
import RPC
import Sidecars
import Testing

@Suite(.timeLimit(.minutes(5))) struct ProjectorLogicTests {
  @Test func aDeliveryThatThePeerCannotTakeSaysSo() async throws {
    let team = InProcessChannel(
      Router([
        Service(
          "evented.Projector",
          ["HandleSync": .unary { _, _ in throw RPCStatus(.resourceExhausted, "too large") }])
      ]))
    var pages = PageBlock(emptyAt: 4)
    pages.append(
      EventPage(
        sequence: 4, createdAt: Timestamp(seconds: 1),
        body: field(4, any(String(repeating: "x", count: 70_000)))))
    let book = EventBook(cover: Cover(domain: "bank", root: root(1)), pages: pages)
    let error = await #expect(throws: LogicError.self) {
      try await RemoteProjectorLogic(name: "p", team, at: "here").project(
        book, previous: nil, deadline: .now + .seconds(60))
    }
    let failure = DeliveryFailure(try #require(error))
    #expect(!failure.isTemporary && failure.statusCode == .resourceExhausted)
    for part in ["projector p at here", "too large", "events 4 up to 5", "message limit"] {
      #expect(failure.message.contains(part), "\(failure.message)")
    }
  }
}
