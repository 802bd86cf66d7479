import EventModel

/// Encodes and decodes the stored events of dispatched commands.
public protocol DispatchCodec: Sendable {
  /// Encodes an event in the form of `EventPage.body`.
  func body(of event: DispatchEvent) -> Bytes

  /// Decodes an event. Throws if the body is no such event.
  func event(in body: Bytes) throws -> DispatchEvent
}

/// An event of a dispatched command.
public enum DispatchEvent: Equatable, Sendable {
  case dispatched(DispatchedCommand)
  case due(DueCommand)
  case ended(EndedCommand)
}
