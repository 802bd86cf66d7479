import EventModel
import EventSourcing
import RPC
import Wire

/// The logic of a saga behind gRPC: `evented.Saga`, in any language.
public struct RemoteEventedSaga: EventedSagaLogic {
  private static let handle = Method(service: "evented.Saga", name: "Handle")
  private static let handleSync = Method(service: "evented.Saga", name: "HandleSync")
  private let name: Name
  private let channel: any RPCChannel
  private let address: String

  public init(name: Name, _ channel: any RPCChannel, at address: String) {
    self.name = name
    self.channel = channel
    self.address = address
  }

  public func handle(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) {
    _ = try await call(Self.handle, book, deadline)
  }

  public func handleSynchronously(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> (facts: [ProposedBook], projections: [Projection]) {
    let answer = try await call(Self.handleSync, book, deadline)
    do {
      let answer = try Evented.SagaAnswer(wireBytes: answer)
      return (answer.facts, answer.projections)
    } catch {
      throw .malformed("saga \(name) at \(address) answered a wrong response: \(error)")
    }
  }

  private func call(
    _ method: Method, _ book: EventBook, _ deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Message {
    try await calling("saga \(name) at \(address)") { () throws(RPCStatus) in
      try await channel.unary(method, book.wireBytes, CallOptions(servingUntil: deadline))
    }
  }
}
