import EventModel
import EventSourcing
import RPC
import Wire

/// Functions behind gRPC: `outrider.v1.Entity`, in any language.
public struct RemoteFunctions: EntityFunctions {
  private static let handle = Method(service: "outrider.v1.Entity", name: "Handle")
  private static let apply = Method(service: "outrider.v1.Entity", name: "Apply")
  private let channel: any RPCChannel
  private let address: String

  /// - Parameter address: where they are, for messages.
  public init(_ channel: any RPCChannel, at address: String) {
    self.channel = channel
    self.address = address
  }

  public func handle(
    _ command: Command, on aggregate: Aggregate, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> ProposedBook {
    let request = OutriderV1.HandleRequest(
      command, state: try wireBytes(of: aggregate.snapshot?.state, command.cover),
      next: aggregate.next)
    let answer = try await call(Self.handle, request.wireBytes, about: command.cover, deadline)
    do {
      let pages = try OutriderV1.HandleResponse(wireBytes: answer).pages
      return ProposedBook(cover: nil, pages: pages)
    } catch {
      throw .malformed("Handle at \(address) gave a wrong answer: \(error)")
    }
  }

  public func apply(
    _ pages: PageBlock, of cover: Cover, to state: Bytes?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes {
    let request = OutriderV1.ApplyRequest(
      EventBook(cover: cover, pages: pages), state: try wireBytes(of: state, cover))
    let answer = try await call(Self.apply, request.wireBytes, about: cover, deadline)
    do { return try OutriderV1.ApplyResponse(wireBytes: answer).state.snapshot } catch {
      throw .malformed("Apply at \(address) gave a wrong answer: \(error)")
    }
  }

  public func isState(_ snapshot: Bytes) -> Bool {
    OutriderV1.AggregateState.wireBytes(inSnapshot: snapshot) != nil
  }

  private func wireBytes(of state: Bytes?, _ cover: Cover) throws(LogicError) -> Bytes? {
    guard let state else { return nil }
    guard let bytes = OutriderV1.AggregateState.wireBytes(inSnapshot: state) else {
      throw .malformed("the state of \(cover) is none that Apply answered")
    }
    return bytes
  }

  private func call(
    _ method: Method, _ request: Message, about cover: Cover, _ deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Message {
    do {
      return try await calling("\(method.name) at \(address)") { () throws(RPCStatus) in
        try await channel.unary(method, request, CallOptions(servingUntil: deadline))
      }
    } catch .refused(let status as RPCStatus) where status.mayBeAbout(requestBytes: request.count) {
      throw .refused(
        status.saying(
          "\(method.name) at \(address) refused a message of \(request.count) bytes",
          "It holds the state of \(cover). If that is too large for the logic's server, raise its "
            + "message limit (4 MiB unless set), or keep less in the state"))
    }
  }
}
