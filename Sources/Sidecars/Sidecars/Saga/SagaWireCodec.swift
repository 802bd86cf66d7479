import EventModel
import EventSourcing
import Wire

/// Encodes a saga's instances and commands as protobuf.
public struct SagaWireCodec: SagaCodec {
  private static let step = "type.googleapis.com/outrider.v1.SagaStep"
  private static let state = "type.googleapis.com/outrider.v1.SagaState"

  public init() {}

  public func page(of step: SagaStep) -> Bytes {
    Payload(typeURL: Self.step, value: step.wireBytes).pageBody
  }

  public func step(in body: Bytes) throws -> SagaStep {
    try SagaStep(wireBytes: Payload(pageBody: body).value)
  }

  public func snapshot(of state: SagaState) -> Bytes {
    Payload(typeURL: Self.state, value: state.wireBytes).wireBytes
  }

  public func state(in snapshot: Bytes) throws -> SagaState {
    try SagaState(wireBytes: Payload(wireBytes: snapshot).value)
  }

  public func command(
    _ command: SagaCommand, id: String, because cause: SagaCause
  ) -> OutgoingCommand {
    OutgoingCommand(
      cover: command.cover,
      encoded: command.complete(
        id: id, because: Evented.Cause(cause), correlation: cause.correlation))
  }

  public func origin(because cause: SagaCause) -> Origin {
    let origin = Origin(
      correlation: cause.correlation, Evented.Annotations(cause: Evented.Cause(cause)))
    // It parses what was just written.
    return (try? origin.tracedBack) ?? origin
  }

  public func depth(of origin: Origin) -> UInt32 {
    // Stored origins were checked when they were written.
    (try? Evented.Cause(in: origin))?.depth ?? 0
  }

  public func header(_ name: Name, of origin: Origin) -> Name? {
    (try? Evented.Annotations(origin))?.headers[name].map { Name($0) }
  }
}

extension Evented.Cause {
  fileprivate init(_ cause: SagaCause) {
    self.init(
      cover: cause.event.cover, sequence: cause.event.sequence, commandID: cause.commandID,
      depth: cause.depth)
  }
}
