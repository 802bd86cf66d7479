import EventModel
import EventSourcing
import Wire

/// Encodes dispatched commands for the store, as messages of `outrider.v1`.
public struct DispatchMessages: DispatchCodec {
  private static let prefix = "type.googleapis.com/outrider.v1."
  private static let dispatched = prefix + "DispatchedCommand"
  private static let due = prefix + "DueCommand"
  private static let ended = prefix + "EndedCommand"

  public init() {}

  public func body(of event: DispatchEvent) -> Bytes {
    let (type, value) =
      switch event {
      case .dispatched(let command): (Self.dispatched, command.wireBytes)
      case .due(let command): (Self.due, command.wireBytes)
      case .ended(let command): (Self.ended, command.wireBytes)
      }
    return Payload(typeURL: type, value: value).pageBody
  }

  public func event(in body: Bytes) throws -> DispatchEvent {
    let payload = try Payload(pageBody: body)
    switch payload.typeURL {
    case Self.dispatched: return .dispatched(try DispatchedCommand(wireBytes: payload.value))
    case Self.due: return .due(try DueCommand(wireBytes: payload.value))
    case Self.ended: return .ended(try EndedCommand(wireBytes: payload.value))
    default: throw EventSourcingError(.dataLoss, "its type is \(payload.typeURL)")
    }
  }
}
