import EventModel
import EventSourcing
import OutriderTesting
import RPC
import Sidecars
import Synchronization
import Testing

/// How a saga's commands end at another process.
@Suite(.timeLimit(.minutes(5))) struct CommandRoutesTests {
  private let refusal = RPCStatus(.failedPrecondition, "sold out")
    .with([.errorInfo(reason: "SOLD_OUT", domain: "shop")])

  /// Sends the same command.
  private func send(by harness: SidecarHarness) async throws -> CommandEnd {
    let routes = CommandRoutes { _ in .there(harness.commands) }
    let command = OutgoingCommand(
      cover: Cover(domain: "bank", root: root(1)), encoded: commandBook(root(1), "a", id: "x"))
    return try await routes.send(command, deadline: .now + .seconds(60)).end
  }

  /// Logic that answers the first question, and accepts what comes later.
  private func answering(
    first: @escaping @Sendable () throws -> Message
  ) -> SidecarHarness.Logic {
    let isFirst = Atomic(true)
    return { _ in
      isFirst.exchange(false, ordering: .relaxed)
        ? try first() : eventBook(nil, page("accepted"))
    }
  }

  @Test func aRefusalComesAgainToSagasAndWithItsDetailsToClients() async throws {
    let harness = SidecarHarness(logic: answering { [refusal] in throw refusal })
    for _ in 0..<2 {
      #expect(try await send(by: harness) == .refused(.failedPrecondition, message: "sold out"))
    }
    await #expect(throws: refusal) { try await harness.send(commandBook(root(1), "a", id: "x")) }
    let facts = eventBook(cover(root(1)), page("a")) + field(16, "x")
    await #expect(throws: refusal) { try await harness.record(facts) }
  }

  @Test func nothingToDoIsTheEndAgain() async throws {
    let harness = SidecarHarness(logic: answering { [] })
    for _ in 0..<2 { #expect(try await send(by: harness) == .nothingToDo) }
    let answer = try await harness.send(commandBook(root(1), "a", id: "x"))
    #expect(content(1, of: answer).isEmpty)
    #expect(value(17, of: answer) == 1)
  }
}
