import EventModel
import EventSourcing
import RPC
import Timing
import Wire

/// The logic of a saga behind gRPC: `outrider.v1.Saga`, in any language.
public struct RemoteSagaLogic: SagaLogic {
  private static let react = Method(service: "outrider.v1.Saga", name: "React")
  private let name: Name
  private let channel: any RPCChannel
  private let address: String

  public init(name: Name, _ channel: any RPCChannel, at address: String) {
    self.name = name
    self.channel = channel
    self.address = address
  }

  public func react(
    to input: SagaInput, of key: Name, state: Bytes?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> SagaReaction {
    let request = OutriderV1.SagaInput(saga: name, key: key, state: state, input: input).wireBytes
    let answer = try await calling("saga \(name) at \(address)") { () throws(RPCStatus) in
      try await channel.unary(Self.react, request, CallOptions(servingUntil: deadline))
    }
    do { return try SagaReaction(wireBytes: answer, now: Environment.live.now()) } catch {
      throw .malformed("saga \(name) at \(address) answered a wrong reaction: \(error)")
    }
  }
}
